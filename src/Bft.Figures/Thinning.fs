namespace Bft.Figures

open System

/// Leaves out what cannot be seen: of the many points that share a column of pixels, a line needs the first, the lowest, the highest and the last.
module internal Thinning =
    /// Columns within a pixel, so that a screen of double density loses nothing either.
    let private columnsPerPixel = 2.0

    /// Numbers of the points to keep. `heights` gives what has to keep its extremes; points that are not finite stay.
    let private kept (panel: PlacedPanel) (x: float[]) (heights: float[][]) =
        if float x.Length <= 4.0 * columnsPerPixel * panel.Area.Width then [| 0 .. x.Length - 1 |]
        else
            let column i =
                let place = panel.X.Fraction x[i] * panel.Area.Width * columnsPerPixel
                if Double.IsFinite place && heights |> Array.forall (fun values -> Double.IsFinite values[i]) then int (floor place) else -1 - i
            let reduce (indices: int[]) =
                [| indices[0]
                   for values in heights do
                       Array.minBy (Array.get values) indices
                       Array.maxBy (Array.get values) indices
                   indices[indices.Length - 1] |]
            [| 0 .. x.Length - 1 |]
            |> Array.fold (fun groups i -> match groups with | (at, members) :: rest when at = column i -> (at, i :: members) :: rest | _ -> (column i, [ i ]) :: groups) []
            |> List.rev
            |> List.toArray
            |> Array.collect (fun (_, members) -> members |> List.rev |> List.toArray |> reduce)
            |> Array.distinct
            |> Array.sort

    let private pick (indices: int[]) (values: 'a[]) = if values.Length = 0 then values else indices |> Array.map (Array.get values)

    /// Points on one place of the screen are one; those with error bars or texts of their own all stay.
    let private distinctPlaces (panel: PlacedPanel) (points: Points) =
        let place i = Math.Round(panel.X.Fraction points.X[i] * panel.Area.Width * columnsPerPixel), Math.Round(panel.Y.Fraction points.Y[i] * panel.Area.Height * columnsPerPixel)
        let indices = [| 0 .. points.X.Length - 1 |] |> Array.distinctBy place
        Points { points with X = pick indices points.X; Y = pick indices points.Y }

    let private mark panel mark =
        match mark with
        | Line line ->
            let indices = kept panel line.X [| line.Y |]
            Line { line with X = pick indices line.X; Y = pick indices line.Y; Hover = pick indices line.Hover }
        | Band band ->
            let indices = kept panel band.X [| band.Low; band.High |]
            Band { band with X = pick indices band.X; Low = pick indices band.Low; High = pick indices band.High }
        | Points points when points.Low.Length = 0 && points.Hover.Length = 0 -> distinctPlaces panel points
        | other -> other

    /// The same panel with nothing that cannot be seen.
    let panel (panel: PlacedPanel) = { panel with Source = { panel.Source with Marks = Array.map (mark panel) panel.Source.Marks } }
