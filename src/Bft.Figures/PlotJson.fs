namespace Bft.Figures

open System
open System.Text.Json

/// A plot as JSON of its own, small enough to travel inside its picture: what a reader sees on hover, and what the picture can be drawn from again.
module internal PlotJson =
    let schema = "bft-figure-1"

    /// Decimals that tell apart a thousandth of the axis or more: a quarter of a pixel.
    let private decimals (axis: ScaledAxis) = Math.Clamp(int -(floor (log10 ((axis.High - axis.Low) / 1000.0))), 0, 15)

    /// Logarithmic axes keep digits rather than decimals.
    let private rounded (axis: ScaledAxis) (value: float) =
        if not (Double.IsFinite value) then value
        elif axis.Scale = Log then Bft.Results.NumberText.Round(value, 4)
        else Math.Round(value, decimals axis)

    let private numbers axis values = Numbers(Array.map (rounded axis) values)

    let private significant values = Numbers(values |> Array.map (fun value -> Bft.Results.NumberText.Round(value, 4)))

    let private scaleName = function Linear -> "linear" | Log -> "log" | Unscaled -> "none"

    let private axis (axis: Axis) =
        Fields
            [ "title", Text axis.Title
              if axis.Scale <> Linear then "scale", Text(scaleName axis.Scale)
              if axis.Ticks.Length > 0 then "ticks", Items [ for at, label in axis.Ticks -> Items [ Number at; Text label ] ]
              match axis.Range with
              | ValueSome(low, high) -> "range", Numbers [| low; high |]
              | ValueNone -> () ]

    let private some name (values: 'a[]) (json: 'a[] -> Json) = if values.Length = 0 then [] else [ name, json values ]

    /// A named mark; its positions along x are left out when the mark before has the same.
    let private series kind (name: string) ink (x: Json) (previous: Json option) rest =
        Fields([ "kind", Text kind; "name", Text name; "ink", Number(float ink) ] @ (if previous = Some x then [] else [ "x", x ]) @ rest)

    /// Boxes and texts of a strip are left out when the strip of the panel before has the same.
    let private strip (strip: Strip) (first: Strip option) =
        let geometry =
            match first with
            | Some other when { other with Values = strip.Values } = strip -> []
            | _ -> [ "left", significant strip.Left; "width", significant strip.Width; "row", significant strip.Row; "texts", JsonText.texts strip.Texts ]
        let hover = if strip.Hover = strip.Texts || geometry.IsEmpty then [] else [ "hover", JsonText.texts strip.Hover ]
        Fields([ "kind", Text "strip"; "values", significant strip.Values ] @ geometry @ hover)

    let private mark (panel: PlacedPanel) firstStrip (previous: Json option) mark =
        let x, y = numbers panel.X, numbers panel.Y
        match mark with
        | Line line ->
            let flags = [ (if line.Dashed then [ "dashed", Flag true ] else []); (if line.Markers then [ "markers", Flag true ] else []) ]
            series "line" line.Name line.Ink (x line.X) previous ([ "y", y line.Y ] @ List.concat flags @ some "hover" line.Hover JsonText.texts), Some(x line.X)
        | Band band -> series "band" band.Name band.Ink (x band.X) previous [ "low", y band.Low; "high", y band.High ], Some(x band.X)
        | Points points ->
            let ends = if points.Across then x else y
            let across = if points.Across then [ "across", Flag true ] else []
            series "points" points.Name points.Ink (x points.X) None ([ "y", y points.Y ] @ across @ some "low" points.Low ends @ some "high" points.High ends @ some "hover" points.Hover JsonText.texts), previous
        | Bars bars -> series "bars" bars.Name bars.Ink (x bars.X) None ([ "width", Number bars.Width; "y", y bars.Y ] @ some "low" bars.Low y @ some "high" bars.High y), previous
        | Cells cells ->
            Fields [ "kind", Text "cells"; "x", Numbers cells.X; "y", Numbers cells.Y; "values", Items [ for row in cells.Values -> significant row ]; "texts", Items [ for row in cells.Texts -> JsonText.texts row ] ], previous
        | Strip one -> strip one firstStrip, previous
        | Shade(from, until) -> Fields [ "kind", Text "shade"; "from", Number(rounded panel.X from); "until", Number(rounded panel.X until) ], previous
        | Rule(at, isUpright, label) -> Fields [ "kind", Text "rule"; "at", Number(rounded (if isUpright then panel.X else panel.Y) at); "upright", Flag isUpright; "label", Text label ], previous

    let private stripOf (panel: PlacedPanel) = panel.Source.Marks |> Array.tryPick (function Strip strip -> Some strip | _ -> None)

    let private panel firstStrip (panel: PlacedPanel) =
        let marks, _ = panel.Source.Marks |> Array.toList |> List.mapFold (mark panel firstStrip) None
        Fields [ "title", Text panel.Source.Title; "x", axis panel.Source.X; "y", axis panel.Source.Y; "marks", Items marks ]

    let write (page: Page) =
        let plot = page.Plot
        let first = Array.tryPick stripOf page.Panels
        JsonText.write (Fields
            [ "schema", Text schema
              "title", Text plot.Title
              "caption", Text plot.Caption
              "alt", Text plot.AltText
              "columns", Number(float plot.Columns)
              "height", Number plot.PanelHeight
              match plot.Colors with
              | ValueSome colors -> "colors", Fields [ "title", Text colors.Title; "low", Number colors.Low; "high", Number colors.High; "diverging", Flag colors.Diverging ]
              | ValueNone -> ()
              "panels", Items [ for i, one in Array.indexed page.Panels -> panel (if i = 0 then None else first) one ] ])
