namespace Bft.Figures

open System
open Bft.Results
open PageLayout

/// Writes a figure as Plotly's JSON: no template, no random identifiers, numbers of six digits. Written by hand, because Plotly.NET 6 needs a newer F# run time
/// than the last .NET Interactive has, and a figure must show there.
module internal PlotlyPage =
    let private value (number: float) = Number(NumberText.Round number)

    /// Numbers in the JSON: NaN and the infinities become null, which leaves a gap.
    let private values (numbers: float[]) = numbers |> Array.map (fun number -> if Double.IsFinite number then NumberText.Round number else nan) |> Numbers

    /// Plotly reads a little HTML in every text.
    let private escape (text: string) = (TextMeasure.clean text).Replace("&", "&amp;").Replace("<", "&lt;")

    let private texts (content: string[]) = JsonText.texts (Array.map escape content)

    let private lines (content: string[]) = content |> Array.map escape |> String.concat "<br>" |> Text

    let private font (size: float) color = Fields [ "size", Number size; "color", Text color ]

    let private symbols = [| "circle"; "square"; "diamond"; "triangle-up" |]

    let private marker ink = Fields [ "color", Text(Palette.ink ink); "size", Number 8.0; "symbol", Text symbols[(max 0 ink) % 4] ]

    let private hover (notes: string[]) =
        if notes.Length = 0 then []
        else [ "text", texts notes; "hovertemplate", Text "%{text}<br>%{x}, %{y}<extra></extra>" ]

    let private errors (positions: float[]) (low: float[]) (high: float[]) =
        Fields [ "type", Text "data"; "symmetric", Flag false; "array", values (Array.map2 (-) high positions); "arrayminus", values (Array.map2 (-) positions low); "thickness", Number 1.5; "width", Number 4.0 ]

    let private line (line: Line) =
        "scatter",
        [ "x", values line.X
          "y", values line.Y
          "mode", Text(if line.Markers then "lines+markers" else "lines")
          "line", Fields [ "color", Text(Palette.ink line.Ink); "width", Number 2.0; "dash", Text(if line.Dashed then "dash" else "solid") ]
          if line.Markers then "marker", marker line.Ink ]
        @ hover line.Hover

    /// The closed outline of each stretch without a gap, stretches parted by null.
    let private band (band: Band) =
        let isFinite i = Double.IsFinite band.Low[i] && Double.IsFinite band.High[i]
        let stretches = [ 0 .. band.X.Length - 1 ] |> List.fold (fun done' i -> match isFinite i, done' with | false, _ -> [] :: done' | true, head :: tail -> (i :: head) :: tail | true, [] -> [ [ i ] ]) []
        let outline (reversed: int list) = List.rev reversed |> List.map (fun i -> band.X[i], band.High[i]), reversed |> List.map (fun i -> band.X[i], band.Low[i])
        let points = stretches |> List.filter (not << List.isEmpty) |> List.rev |> List.collect (fun stretch -> (let upper, lower = outline stretch in upper @ lower @ [ nan, nan ])) |> List.toArray
        let color = Palette.ink band.Ink
        "scatter",
        [ "x", values (Array.map fst points)
          "y", values (Array.map snd points)
          "mode", Text "lines"
          "fill", Text "toself"
          "fillcolor", Text(color + "2E")
          "line", Fields [ "width", Number 0.0; "color", Text color ]
          "hoverinfo", Text "skip" ]

    let private points (panel: PlacedPanel) (points: Points) =
        "scatter",
        [ "x", values points.X
          "y", values points.Y
          "mode", Text "markers"
          "marker", marker points.Ink
          if points.Low.Length > 0 then
              if points.Across then "error_x", errors points.X (Ticks.ends panel.X points.Low) (Ticks.ends panel.X points.High)
              else "error_y", errors points.Y (Ticks.ends panel.Y points.Low) (Ticks.ends panel.Y points.High) ]
        @ hover points.Hover

    let private bars (panel: PlacedPanel) (bars: Bars) =
        "bar",
        [ "x", values bars.X
          "y", values bars.Y
          "width", value bars.Width
          "marker", Fields [ "color", Text(Palette.ink bars.Ink); "opacity", Number 0.85 ]
          if bars.Low.Length > 0 then "error_y", errors bars.Y (Ticks.ends panel.Y bars.Low) (Ticks.ends panel.Y bars.High) ]

    let private cells (cells: Cells) =
        "heatmap",
        [ "x", values cells.X
          "y", values cells.Y
          "z", Items [ for row in cells.Values -> values row ]
          "text", Items [ for row in cells.Texts -> texts row ]
          "texttemplate", Text "%{text}"
          "hoverongaps", Flag false
          "xgap", Number 1.0
          "ygap", Number 1.0
          "coloraxis", Text "coloraxis" ]

    let private strip (strip: Strip) =
        "bar",
        [ "orientation", Text "h"
          "base", values strip.Left
          "x", values strip.Width
          "y", values strip.Row
          "width", value 0.84
          "marker", Fields [ "color", values strip.Values; "coloraxis", Text "coloraxis"; "line", Fields [ "color", Text "#FFFFFF"; "width", Number 0.5 ] ]
          "text", texts strip.Texts
          "textposition", Text "inside"
          "insidetextanchor", Text "middle"
          "textangle", Number 0.0
          "hovertext", texts (Array.map2 (fun note weight -> $"{note}: {NumberText.Significant weight}") strip.Hover strip.Values)
          "hoverinfo", Text "text" ]

    let private traceOf panel mark =
        match mark with
        | Line one -> Some(one.Name, line one)
        | Band one -> Some(one.Name, band one)
        | Points one -> Some(one.Name, points panel one)
        | Bars one -> Some(one.Name, bars panel one)
        | Cells one -> Some("", cells one)
        | Strip one -> Some("", strip one)
        | Shade _ | Rule _ -> None

    let private axisName (letter: string) index = if index = 0 then letter else $"{letter}{index + 1}"

    let private traces (page: Page) =
        [ for index, panel in Array.indexed page.Panels do
              for mark in panel.Source.Marks do
                  match traceOf panel mark with
                  | None -> ()
                  | Some(name, (kind, properties)) ->
                      let isInLegend = page.Legend |> Array.exists (fun entry -> obj.ReferenceEquals(entry.Mark, mark))
                      let legend = if name = "" then [] else [ "name", Text(escape name); "legendgroup", Text name ]
                      Fields([ "type", Text kind ] @ legend @ [ "showlegend", Flag isInLegend; "xaxis", Text(axisName "x" index); "yaxis", Text(axisName "y" index) ] @ properties) ]

    let private axis (letter: string) index (axis: ScaledAxis) (titleLines: string[]) (domain: float * float) turned =
        let range = if axis.Scale = Log then [| log10 axis.Low; log10 axis.High |] else [| axis.Low; axis.High |]
        Fields
            [ "title", Fields [ "text", lines titleLines; "standoff", Number 6.0; "font", font 13.0 Palette.text ]
              "domain", values [| fst domain; snd domain |]
              "anchor", Text(axisName letter index)
              "type", Text(if axis.Scale = Log then "log" else "linear")
              "range", values range
              "zeroline", Flag false
              "gridcolor", Text Palette.grid
              if axis.Scale = Unscaled then "visible", Flag false
              "ticks", Text ""
              "tickfont", font 11.5 Palette.softText
              if axis.Named then "showgrid", Flag false
              if axis.Named || axis.Scale = Log then
                  "tickvals", values (Array.map fst axis.Ticks)
                  "ticktext", texts (Array.map snd axis.Ticks)
              if turned then "tickangle", Number(-90.0) ]

    let private annotation text properties =
        Fields ([ "text", text; "showarrow", Flag false; "xref", Text "paper"; "yref", Text "paper"; "align", Text "left" ] @ properties)

    let private shapes (page: Page) =
        [ for index, panel in Array.indexed page.Panels do
              let x, y = axisName "x" index, axisName "y" index
              for mark in panel.Source.Marks do
                  match mark with
                  | Shade(from, until) ->
                      Fields [ "type", Text "rect"; "xref", Text x; "yref", Text(y + " domain"); "x0", value from; "x1", value until; "y0", Number 0.0; "y1", Number 1.0; "fillcolor", Text "#D55E00"; "opacity", Number 0.13; "line", Fields [ "width", Number 0.0 ]; "layer", Text "below" ]
                  | Rule(at, isUpright, _) ->
                      let stroke = Fields [ "color", Text Palette.grey; "width", Number 1.2; "dash", Text "dash" ]
                      if isUpright then Fields [ "type", Text "line"; "xref", Text x; "yref", Text(y + " domain"); "x0", value at; "x1", value at; "y0", Number 0.0; "y1", Number 1.0; "line", stroke ]
                      else Fields [ "type", Text "line"; "xref", Text(x + " domain"); "yref", Text y; "x0", Number 0.0; "x1", Number 1.0; "y0", value at; "y1", value at; "line", stroke ]
                  | _ -> () ]

    let private ruleLabels (page: Page) =
        [ for index, panel in Array.indexed page.Panels do
              let x, y = axisName "x" index, axisName "y" index
              for mark in panel.Source.Marks do
                  match mark with
                  | Rule(at, true, label) when label <> "" ->
                      annotation (Text(escape label)) [ "xref", Text x; "yref", Text(y + " domain"); "x", value (if panel.X.Scale = Log then log10 at else at); "y", Number 1.0; "yanchor", Text "top"; "font", font 11.0 Palette.softText; "bgcolor", Text "rgba(255,255,255,0.7)"; "xanchor", Text(if panel.X.Fraction at > 0.7 then "right" else "left") ]
                  | Rule(at, false, label) when label <> "" ->
                      annotation (Text(escape label)) [ "xref", Text(x + " domain"); "yref", Text y; "x", Number 1.0; "y", value (if panel.Y.Scale = Log then log10 at else at); "xanchor", Text "right"; "yanchor", Text "bottom"; "font", font 11.0 Palette.softText; "bgcolor", Text "rgba(255,255,255,0.7)" ]
                  | _ -> () ]

    /// Fractions of the inner rectangle, as Plotly counts them: y upwards.
    let private inner (page: Page) =
        let areas = page.Panels |> Array.map _.Area
        let left, right = areas |> Array.map _.Left |> Array.min, areas |> Array.map _.Right |> Array.max
        let top, bottom = areas |> Array.map _.Top |> Array.min, areas |> Array.map _.Bottom |> Array.max
        { Left = left; Top = top; Width = right - left; Height = bottom - top }

    let private captions (page: Page) (frame: Box) =
        let fractionX x = value ((x - frame.Left) / frame.Width)
        let fractionY y = value ((frame.Bottom - y) / frame.Height)
        [ if page.Panels.Length > 1 then
              for panel in page.Panels do
                  let heading = panel.Heading |> Array.map escape |> String.concat "<br>"
                  annotation (Text $"<b>{heading}</b>") [ "x", fractionX panel.Area.Left; "y", fractionY panel.Area.Top; "xanchor", Text "left"; "yanchor", Text "bottom"; "font", font 13.0 Palette.text ]
          annotation (lines page.CaptionLines)
              [ "x", Number 0.0; "y", Number 0.0; "xanchor", Text "left"; "yanchor", Text "top"; "xshift", value (12.0 - frame.Left); "yshift", value (frame.Bottom - page.CaptionTop); "font", font 12.5 Palette.softText ] ]

    let private coloraxis plot (scale: ColorScale) (bar: Box) =
        let bars = [ "title", Fields [ "text", lines (barTitle plot scale); "side", Text "right"; "font", font 11.5 Palette.text ]; "thickness", Number 14.0; "lenmode", Text "pixels"; "len", value bar.Height; "y", Number 1.0; "yanchor", Text "top" ]
        Fields [ "cmin", value scale.Low; "cmax", value scale.High; "colorbar", Fields bars; "colorscale", Items [ for at, color in Palette.stopsOf scale -> Items [ Number at; Text color ] ] ]

    let private layout (page: Page) =
        let frame = inner page
        let heading = page.TitleLines |> Array.map escape |> String.concat "<br>"
        let title = [ "text", Text $"<b>{heading}</b>"; "x", value (12.0 / page.Width); "xanchor", Text "left"; "y", value (1.0 - 10.0 / page.Height); "yanchor", Text "top"; "yref", Text "container"; "font", font 16.0 Palette.text ]
        let legend top = [ "orientation", Text "h"; "tracegroupgap", Number 0.0; "xref", Text "container"; "yref", Text "container"; "x", value (12.0 / page.Width); "y", value (1.0 - (top - 4.0) / page.Height); "xanchor", Text "left"; "yanchor", Text "top"; "font", font 11.5 Palette.text ]
        let axes =
            [ for index, panel in Array.indexed page.Panels do
                  let domainX = (panel.Area.Left - frame.Left) / frame.Width, (panel.Area.Right - frame.Left) / frame.Width
                  let domainY = (frame.Bottom - panel.Area.Bottom) / frame.Height, (frame.Bottom - panel.Area.Top) / frame.Height
                  (axisName "xaxis" index), axis "y" index panel.X [| panel.X.Title |] domainX panel.Turned
                  (axisName "yaxis" index), axis "x" index panel.Y (yTitle panel.Area.Height panel.Y) domainY false ]
        Fields
            ([ "title", Fields title
               "height", value page.Height
               "autosize", Flag true
               "margin", Fields [ "l", value frame.Left; "t", value frame.Top; "r", value (page.Width - frame.Right); "b", value (page.Height - frame.Bottom) ]
               "font", font 12.0 Palette.text
               "paper_bgcolor", Text "#FFFFFF"
               "plot_bgcolor", Text "#FFFFFF"
               "barmode", Text "overlay"
               "hovermode", Text "closest"
               "showlegend", Flag(page.Legend.Length > 0)
               if page.Legend.Length > 0 then "legend", Fields (legend page.Legend[0].Top)
               match page.Plot.Colors, page.ColorBar with
               | ValueSome scale, ValueSome bar -> "coloraxis", coloraxis page.Plot scale bar
               | _ -> ()
               "shapes", Items(shapes page)
               "annotations", Items(captions page frame @ ruleLabels page) ]
             @ axes)

    let render (page: Page) =
        JsonText.write (Fields [ "data", Items(traces page); "layout", layout page; "frames", Items [] ])
