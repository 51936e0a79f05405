namespace Bft.Figures

open System
open System.Xml.Linq
open SvgElement

/// Draws the marks of one panel.
module internal SvgMarks =
    let private px (panel: PlacedPanel) value = panel.Area.Left + panel.X.Fraction value * panel.Area.Width
    let private py (panel: PlacedPanel) value = panel.Area.Bottom - panel.Y.Fraction value * panel.Area.Height

    let private named kind (name: string) children = group [ "class", kind; "data-name", TextMeasure.clean name ] children

    let private finite points = points |> Array.filter (fun (x: float, y: float) -> Double.IsFinite x && Double.IsFinite y) |> Array.toList

    let private curve panel (line: Line) =
        let points = Array.map2 (fun x y -> px panel x, py panel y) line.X line.Y
        let dash = if line.Dashed then [ "stroke-dasharray", "5 3" ] else []
        let stroke = path (pathData points) ([ "fill", "none"; "stroke", Palette.ink line.Ink; "stroke-width", "2" ] @ dash)
        named "line" line.Name (stroke :: (if line.Markers then [ markers line.Ink (finite points) ] else []))

    /// Stretches of a band without a gap, as closed outlines.
    let private band panel (band: Band) =
        let isFinite i = Double.IsFinite band.Low[i] && Double.IsFinite band.High[i]
        let stretches = ResizeArray<ResizeArray<int>>()
        for i in 0 .. band.X.Length - 1 do
            if isFinite i then
                if i = 0 || not (isFinite (i - 1)) then stretches.Add(ResizeArray())
                stretches[stretches.Count - 1].Add i
        let outline (indices: ResizeArray<int>) =
            let edge (values: float[]) i = px panel band.X[i], py panel values[i]
            pathData (Array.append [| for i in indices -> edge band.High i |] [| for i in Seq.rev indices -> edge band.Low i |]) + "z"
        named "band" band.Name [ path (stretches |> Seq.map outline |> String.concat "") [ "fill", Palette.ink band.Ink; "fill-opacity", ".18" ] ]

    /// Error bars as one path, each a stroke from cap to cap.
    let private errors panel color across (places: float[]) (low: float[]) (high: float[]) =
        let axis: ScaledAxis = if across then panel.X else panel.Y
        let cap = 3.5
        let bar (place, (low: float, high: float)) =
            if not (Double.IsFinite low && Double.IsFinite high) then []
            elif across then
                let y, low, high = py panel place, px panel low, px panel high
                [ [ low, y - cap; low, y + cap ]; [ low, y; high, y ]; [ high, y - cap; high, y + cap ] ]
            else
                let x, low, high = px panel place, py panel low, py panel high
                [ [ x - cap, low; x + cap, low ]; [ x, low; x, high ]; [ x - cap, high; x + cap, high ] ]
        match Seq.zip places (Seq.zip (Ticks.ends axis low) (Ticks.ends axis high)) |> Seq.collect bar |> Seq.toList with
        | [] -> []
        | bars -> [ path (strokes bars) [ "class", "errors"; "stroke", color; "stroke-width", "1.5" ] ]

    let private points panel (points: Points) =
        let bars = errors panel (Palette.ink points.Ink) points.Across (if points.Across then points.Y else points.X) points.Low points.High
        named "points" points.Name (bars @ [ markers points.Ink (finite (Array.map2 (fun x y -> px panel x, py panel y) points.X points.Y)) ])

    let private bars panel (bars: Bars) =
        let zero = py panel (max panel.Y.Low (min panel.Y.High 0.0))
        let boxes =
            [ for x, y in Array.zip bars.X bars.Y do
                  if Double.IsFinite y then
                      let left, right, top = px panel (x - bars.Width / 2.0), px panel (x + bars.Width / 2.0), py panel y
                      rect left (min top zero) (right - left) (abs (zero - top)) [] ]
        named "bars" bars.Name (group [ "fill", Palette.ink bars.Ink; "fill-opacity", ".85" ] boxes :: errors panel Palette.text false bars.X bars.Low bars.High)

    /// One size for all texts of a grid: what the longest allows.
    let private fitted width (texts: string[][]) =
        let longest = texts |> Array.concat |> Array.map (TextMeasure.width 1.0) |> Array.max
        min 12.0 ((width - 4.0) / max 1.0 longest)

    let private cells panel colors (cells: Cells) =
        let size = fitted (px panel 1.0 - px panel 0.0) cells.Texts
        let all = [ for row in 0 .. cells.Y.Length - 1 do for column in 0 .. cells.X.Length - 1 -> row, column ]
        let box (row: int, column: int) =
            let left, right = px panel (cells.X[column] - 0.5), px panel (cells.X[column] + 0.5)
            let top, bottom = py panel (cells.Y[row] + 0.5), py panel (cells.Y[row] - 0.5)
            rect left top (right - left) (bottom - top) [ "fill", Palette.color colors (cells.Values[row][column]) ]
        let label (row: int, column: int) =
            textWith [ "fill", Palette.contrast colors (cells.Values[row][column]) ] (px panel (cells.X[column])) (py panel (cells.Y[row]) + size * 0.35) (cells.Texts[row][column])
        let isWritten (row, column) = cells.Texts[row][column] <> "" && size >= 7.0
        group [ "class", "cells" ]
            [ group [ "stroke", Palette.ground ] (List.map box all)
              group [ "font-size", number size; "text-anchor", "middle" ] (all |> List.filter isWritten |> List.map label) ]

    /// Every text stands in a cell of a fixed-width face: whole columns, no letter of double width, room for one column more.
    let private isTabular (strip: Strip) =
        let isPlain (text: string) = TextMeasure.cells text = text.Length && text |> Seq.forall (fun letter -> letter < '\u2E80')
        Seq.forall isPlain strip.Texts
        && Seq.forall2 (fun (left: float) (width: float) -> Math.Round left = left && Math.Round width = width) strip.Left strip.Width
        && Seq.forall2 (fun (text: string) width -> float text.Length < width + 0.5) strip.Texts strip.Width

    /// A space that no renderer runs together with its neighbours.
    let private hardSpace = '\u00A0'

    /// One text for each row, its letters at the distance of the columns.
    let private rows panel (strip: Strip) (indices: int list) =
        let column = px panel 1.0 - px panel 0.0
        [ for row, members in List.groupBy (fun i -> strip.Row[i]) indices do
              let first = members |> List.map (fun i -> int strip.Left[i]) |> List.min
              let last = members |> List.map (fun i -> int strip.Left[i] + strip.Texts[i].Length) |> List.max
              let letters = Array.create (last - first) hardSpace
              for i in members do strip.Texts[i] |> Seq.iteri (fun at letter -> letters[int strip.Left[i] - first + at] <- if letter = ' ' then hardSpace else letter)
              let line = String(letters)
              // spaces around a line would take part in its length, but nobody sees them
              let start = line.Length - line.TrimStart().Length
              let left = px panel (float (first + start) + 0.5)
              textWith [ "textLength", number (column * float (line.Trim().Length)) ] left (py panel row + 11.5 * 0.35) (line.Trim()) ]

    let private labels panel (strip: Strip) i =
        let left, right = px panel strip.Left[i], px panel (strip.Left[i] + strip.Width[i])
        let size = min 11.5 ((right - left) / (0.62 * float (max 1 (TextMeasure.cells strip.Texts[i])) + 0.2))
        textWith [ "text-anchor", "middle"; if size < 11.5 then "font-size", number size ] ((left + right) / 2.0) (py panel strip.Row[i] + size * 0.35) strip.Texts[i]

    /// Boxes of one colour are one path, and texts of one colour one group: there are hundreds of them.
    let private strip panel colors (strip: Strip) =
        let boxes (color, indices: int list) =
            let text = PathText()
            for i in indices do
                let left, right = Math.Round(px panel strip.Left[i]), Math.Round(px panel (strip.Left[i] + strip.Width[i]))
                let top, bottom = Math.Round(py panel (strip.Row[i] + 0.42)), Math.Round(py panel (strip.Row[i] - 0.42))
                text.Move(left, top)
                text.Raw $"h{number (right - left)}v{number (bottom - top)}H{number left}z"
            path (text.ToString()) [ "fill", color ]
        let all = [ 0 .. strip.Left.Length - 1 ]
        let written = all |> List.filter (fun i -> strip.Texts[i].Trim() <> "")
        let write = if isTabular strip then rows panel strip else List.map (labels panel strip)
        let texts = group [ "font-family", "DejaVu Sans Mono, Menlo, Consolas, monospace"; "font-size", "11.5" ] [ for color, indices in List.groupBy (fun i -> Palette.contrast colors strip.Values[i]) written -> group [ "fill", color ] (write indices) ]
        group [ "class", "strip" ] [ group [ "stroke", Palette.ground; "stroke-width", ".5" ] (all |> List.groupBy (fun i -> Palette.color colors strip.Values[i]) |> List.map boxes); texts ]

    let private shade (panel: PlacedPanel) from until =
        let left, right = px panel (max panel.X.Low from), px panel (min panel.X.High until)
        rect left panel.Area.Top (right - left) panel.Area.Height [ "class", "shade"; "fill", Palette.ink 1; "fill-opacity", ".13" ]

    let private rule (panel: PlacedPanel) at isUpright =
        let area = panel.Area
        let ends = if isUpright then [ px panel at, area.Top; px panel at, area.Bottom ] else [ area.Left, py panel at; area.Right, py panel at ]
        path (strokes [ ends ]) [ "class", "rule"; "stroke", Palette.grey; "stroke-width", "1.2"; "stroke-dasharray", "4 3" ]

    /// The label of a reference line, with a rim of the ground's colour so that it stays legible over other marks.
    let ruleLabel (panel: PlacedPanel) mark =
        let rim = [ "stroke", Palette.ground; "stroke-width", "3"; "paint-order", "stroke" ]
        let label anchor x y content = textWith (font 11.0 Palette.softText anchor @ rim) x y content
        match mark with
        | Rule(at, true, content) when content <> "" ->
            if panel.X.Fraction at > 0.7 then [ label End (px panel at - 5.0) (panel.Area.Top + 11.0) content ]
            else [ label Start (px panel at + 5.0) (panel.Area.Top + 11.0) content ]
        | Rule(at, false, content) when content <> "" -> [ label End (panel.Area.Right - 4.0) (py panel at - 5.0) content ]
        | _ -> []

    /// The SVG of one mark. `colors` is present wherever cells or strips are: the plot's rules demand it.
    let draw panel (colors: ColorScale voption) mark : XElement list =
        match mark with
        | Line one -> [ curve panel one ]
        | Band one -> [ band panel one ]
        | Points one -> [ points panel one ]
        | Bars one -> [ bars panel one ]
        | Cells one -> [ cells panel colors.Value one ]
        | Strip one -> [ strip panel colors.Value one ]
        | Shade(from, until) -> [ shade panel from until ]
        | Rule(at, isUpright, _) -> [ rule panel at isUpright ]
