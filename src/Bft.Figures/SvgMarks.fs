namespace Bft.Figures

open System
open System.Xml.Linq
open SvgElement

/// Draws the marks of one panel.
module internal SvgMarks =
    let private px (panel: PlacedPanel) value = panel.Area.Left + panel.X.Fraction value * panel.Area.Width
    let private py (panel: PlacedPanel) value = panel.Area.Bottom - panel.Y.Fraction value * panel.Area.Height

    let private named kind (name: string) children = group [ "class", kind; "data-name", TextMeasure.clean name ] children

    let private stroke color x1 y1 x2 y2 = SvgElement.line color 1.5 x1 y1 x2 y2 []

    let private curve panel (line: Line) =
        let points = Array.map2 (fun x y -> px panel x, py panel y) line.X line.Y
        let dash = if line.Dashed then [ "stroke-dasharray", "5 3" ] else []
        let path = element "path" ([ "d", pathData points; "fill", "none"; "stroke", Palette.ink line.Ink; "stroke-width", "2"; "stroke-linejoin", "round" ] @ dash) []
        let markers = if line.Markers then [ for x, y in points do if Double.IsFinite x && Double.IsFinite y then marker line.Ink x y ] else []
        named "line" line.Name (path :: markers)

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
            let points = Array.append [| for i in indices -> edge band.High i |] [| for i in Seq.rev indices -> edge band.Low i |]
            pathData points + "Z"
        let data = stretches |> Seq.map outline |> String.concat ""
        named "band" band.Name [ element "path" [ "d", data; "fill", Palette.ink band.Ink; "fill-opacity", "0.18"; "stroke", "none" ] [] ]

    let private upright panel color (x: float) low high =
        let x, low, high = px panel x, py panel low, py panel high
        [ stroke color x low x high; stroke color (x - 3.5) low (x + 3.5) low; stroke color (x - 3.5) high (x + 3.5) high ]

    let private level panel color (y: float) low high =
        let y, low, high = py panel y, px panel low, px panel high
        [ stroke color low y high y; stroke color low (y - 3.5) low (y + 3.5); stroke color high (y - 3.5) high (y + 3.5) ]

    let private points panel (points: Points) =
        let color = Palette.ink points.Ink
        let axis = if points.Across then panel.X else panel.Y
        let errors =
            [ for i, (low, high) in Array.indexed (Array.zip (Ticks.ends axis points.Low) (Ticks.ends axis points.High)) do
                  if Double.IsFinite low && Double.IsFinite high then
                      if points.Across then yield! level panel color points.Y[i] low high else yield! upright panel color points.X[i] low high ]
        let markers = [ for x, y in Array.zip points.X points.Y do if Double.IsFinite x && Double.IsFinite y then marker points.Ink (px panel x) (py panel y) ]
        named "points" points.Name (errors @ markers)

    let private bars panel (bars: Bars) =
        let zero = py panel (max panel.Y.Low (min panel.Y.High 0.0))
        let boxes =
            [ for x, y in Array.zip bars.X bars.Y do
                  if Double.IsFinite y then
                      let left, right, top = px panel (x - bars.Width / 2.0), px panel (x + bars.Width / 2.0), py panel y
                      rect (Palette.ink bars.Ink) left (min top zero) (right - left) (abs (zero - top)) [ "fill-opacity", "0.85" ] ]
        let errors =
            [ for i, (low, high) in Array.indexed (Array.zip (Ticks.ends panel.Y bars.Low) (Ticks.ends panel.Y bars.High)) do
                  if Double.IsFinite low && Double.IsFinite high then yield! upright panel Palette.text bars.X[i] low high ]
        named "bars" bars.Name (boxes @ errors)

    /// One size for all texts of a grid: what the longest allows.
    let private fitted width (texts: string[][]) =
        let longest = texts |> Array.concat |> Array.map (TextMeasure.width 1.0) |> Array.max
        min 12.0 ((width - 4.0) / max 1.0 longest)

    let private cells panel colors (cells: Cells) =
        let size = fitted (px panel 1.0 - px panel 0.0) cells.Texts
        group [ "class", "cells" ]
            [ for row in 0 .. cells.Y.Length - 1 do
                  for column in 0 .. cells.X.Length - 1 do
                      let value, content = cells.Values[row][column], cells.Texts[row][column]
                      let left, right = px panel (cells.X[column] - 0.5), px panel (cells.X[column] + 0.5)
                      let top, bottom = py panel (cells.Y[row] + 0.5), py panel (cells.Y[row] - 0.5)
                      rect (Palette.color colors value) left top (right - left) (bottom - top) [ "stroke", "#FFFFFF"; "stroke-width", "1" ]
                      if content <> "" && size >= 7.0 then
                          text size (Palette.contrast colors value) Middle ((left + right) / 2.0) ((top + bottom) / 2.0 + size * 0.35) content ]

    /// What all boxes or all texts of a strip share stands on their group: there are hundreds of them.
    let private strip panel colors (strip: Strip) =
        let place i =
            let left, right = px panel strip.Left[i], px panel (strip.Left[i] + strip.Width[i])
            left, right, py panel (strip.Row[i] + 0.42), py panel (strip.Row[i] - 0.42)
        let box i =
            let left, right, top, bottom = place i
            let box = rect (Palette.color colors strip.Values[i]) left top (right - left) (bottom - top) []
            box.Add(let title = element "title" [] [] in title.Add(TextMeasure.clean strip.Hover[i]); title)
            box
        let label i =
            let left, right, top, bottom = place i
            let size = min 11.5 ((right - left) / (0.62 * float (max 1 (TextMeasure.cells strip.Texts[i])) + 0.2))
            let smaller = if size < 11.5 then [ "font-size", number size ] else []
            inherited (Palette.contrast colors strip.Values[i]) ((left + right) / 2.0) ((top + bottom) / 2.0 + size * 0.35) strip.Texts[i] smaller
        let all = [ 0 .. strip.Left.Length - 1 ]
        group [ "class", "strip" ]
            [ group [ "stroke", "#FFFFFF"; "stroke-width", "0.5" ] (all |> List.map box)
              group [ "font-family", "DejaVu Sans Mono, Menlo, Consolas, monospace"; "font-size", "11.5"; "text-anchor", "middle" ] (all |> List.map label) ]

    let private shade (panel: PlacedPanel) from until =
        let left, right = px panel (max panel.X.Low from), px panel (min panel.X.High until)
        rect "#D55E00" left panel.Area.Top (right - left) panel.Area.Height [ "class", "shade"; "fill-opacity", "0.13" ]

    let private rule (panel: PlacedPanel) at isUpright =
        let dash = [ "stroke-dasharray", "4 3"; "class", "rule" ]
        let area = panel.Area
        if isUpright then SvgElement.line Palette.grey 1.2 (px panel at) area.Top (px panel at) area.Bottom dash
        else SvgElement.line Palette.grey 1.2 area.Left (py panel at) area.Right (py panel at) dash

    /// The label of a reference line, with a white rim so that it stays legible over other marks.
    let ruleLabel (panel: PlacedPanel) mark =
        let label anchor x y content = textWith [ "stroke", "#FFFFFF"; "stroke-width", "3"; "stroke-linejoin", "round"; "paint-order", "stroke" ] 11.0 Palette.softText anchor x y content
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
