namespace Bft.Figures

open System
open System.Net
open Bft.Results
open DynamicObj
open PageLayout

/// Writes a figure as Plotly's JSON by Plotly.NET's trace and layout objects: no template, no random identifiers, numbers of six digits.
module internal PlotlyPage =
    /// Any value but null as an object.
    let private boxed (content: 'a) : obj = nonNull (box content)

    let private value (number: float) = boxed (NumberText.Round number)

    /// Numbers in the JSON: NaN and the infinities become null, which leaves a gap.
    let private values (numbers: float[]) = numbers |> Array.map (fun number -> if Double.IsFinite number then Nullable(NumberText.Round number) else Nullable()) |> boxed

    /// Plotly reads a little HTML in every text.
    let private escape (text: string) = (TextMeasure.clean text).Replace("&", "&amp;").Replace("<", "&lt;")

    let private lines (texts: string[]) = texts |> Array.map escape |> String.concat "<br>" |> boxed

    let private fill (target: #DynamicObj) (properties: (string * obj) list) =
        for name, property in properties do target.SetProperty(name, property)
        target

    let private make properties = fill (DynamicObj()) properties :> obj

    let private font (size: float) color = make [ "size", boxed size; "color", boxed color ]

    let private symbols = [| "circle"; "square"; "diamond"; "triangle-up" |]

    let private marker ink = make [ "color", boxed (Palette.ink ink); "size", boxed 8; "symbol", boxed symbols[(max 0 ink) % 4] ]

    let private hover (texts: string[]) =
        if texts.Length = 0 then []
        else [ "text", boxed (Array.map escape texts); "hovertemplate", boxed "%{text}<extra></extra>" ]

    let private errors (positions: float[]) (low: float[]) (high: float[]) =
        make [ "type", boxed "data"; "symmetric", boxed false; "array", values (Array.map2 (-) high positions); "arrayminus", values (Array.map2 (-) positions low); "thickness", boxed 1.5; "width", boxed 4 ]

    let private line (line: Line) =
        "scatter",
        [ "x", values line.X
          "y", values line.Y
          "mode", boxed (if line.Markers then "lines+markers" else "lines")
          "line", make [ "color", boxed (Palette.ink line.Ink); "width", boxed 2; "dash", boxed (if line.Dashed then "dash" else "solid") ]
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
          "mode", boxed "lines"
          "fill", boxed "toself"
          "fillcolor", boxed (color + "2E")
          "line", make [ "width", boxed 0; "color", boxed color ]
          "hoverinfo", boxed "skip" ]

    let private points (panel: PlacedPanel) (points: Points) =
        "scatter",
        [ "x", values points.X
          "y", values points.Y
          "mode", boxed "markers"
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
          "marker", make [ "color", boxed (Palette.ink bars.Ink); "opacity", boxed 0.85 ]
          if bars.Low.Length > 0 then "error_y", errors bars.Y (Ticks.ends panel.Y bars.Low) (Ticks.ends panel.Y bars.High) ]

    let private cells (cells: Cells) =
        "heatmap",
        [ "x", values cells.X
          "y", values cells.Y
          "z", boxed (Array.map values cells.Values)
          "text", boxed (cells.Texts |> Array.map (Array.map escape))
          "texttemplate", boxed "%{text}"
          "hoverongaps", boxed false
          "xgap", boxed 1
          "ygap", boxed 1
          "coloraxis", boxed "coloraxis" ]

    let private strip (strip: Strip) =
        "bar",
        [ "orientation", boxed "h"
          "base", values strip.Left
          "x", values strip.Width
          "y", values strip.Row
          "width", value 0.84
          "marker", make [ "color", values strip.Values; "coloraxis", boxed "coloraxis"; "line", make [ "color", boxed "#FFFFFF"; "width", boxed 0.5 ] ]
          "text", boxed (Array.map escape strip.Texts)
          "textposition", boxed "inside"
          "insidetextanchor", boxed "middle"
          "textangle", boxed 0
          "hovertext", boxed (Array.map escape strip.Hover)
          "hoverinfo", boxed "text" ]

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
                      let legend = if name = "" then [] else [ "name", boxed (escape name); "legendgroup", boxed name ]
                      fill (Plotly.NET.Trace kind) (legend @ [ "showlegend", boxed isInLegend; "xaxis", boxed (axisName "x" index); "yaxis", boxed (axisName "y" index) ] @ properties) ]

    let private axis (letter: string) index (axis: ScaledAxis) (titleLines: string[]) (domain: float * float) turned =
        let range = if axis.Scale = Log then [| log10 axis.Low; log10 axis.High |] else [| axis.Low; axis.High |]
        make
            [ "title", make [ "text", lines titleLines; "standoff", boxed 6; "font", font 13.0 Palette.text ]
              "domain", values [| fst domain; snd domain |]
              "anchor", boxed (axisName letter index)
              "type", boxed (if axis.Scale = Log then "log" else "linear")
              "range", values range
              "zeroline", boxed false
              "gridcolor", boxed Palette.grid
              if axis.Scale = Unscaled then "visible", boxed false
              "ticks", boxed ""
              "tickfont", font 11.5 Palette.softText
              if axis.Named then "showgrid", boxed false
              if axis.Named || axis.Scale = Log then
                  "tickvals", values (Array.map fst axis.Ticks)
                  "ticktext", boxed (axis.Ticks |> Array.map (snd >> escape))
              if turned then "tickangle", boxed -90 ]

    let private annotation text properties =
        make ([ "text", text; "showarrow", boxed false; "xref", boxed "paper"; "yref", boxed "paper"; "align", boxed "left" ] @ properties)

    let private shapes (page: Page) =
        [ for index, panel in Array.indexed page.Panels do
              let x, y = axisName "x" index, axisName "y" index
              for mark in panel.Source.Marks do
                  match mark with
                  | Shade(from, until) ->
                      make [ "type", boxed "rect"; "xref", boxed x; "yref", boxed (y + " domain"); "x0", value from; "x1", value until; "y0", boxed 0; "y1", boxed 1; "fillcolor", boxed "#D55E00"; "opacity", boxed 0.13; "line", make [ "width", boxed 0 ]; "layer", boxed "below" ]
                  | Rule(at, isUpright, _) ->
                      let stroke = make [ "color", boxed Palette.grey; "width", boxed 1.2; "dash", boxed "dash" ]
                      if isUpright then make [ "type", boxed "line"; "xref", boxed x; "yref", boxed (y + " domain"); "x0", value at; "x1", value at; "y0", boxed 0; "y1", boxed 1; "line", stroke ]
                      else make [ "type", boxed "line"; "xref", boxed (x + " domain"); "yref", boxed y; "x0", boxed 0; "x1", boxed 1; "y0", value at; "y1", value at; "line", stroke ]
                  | _ -> () ]

    let private ruleLabels (page: Page) =
        [ for index, panel in Array.indexed page.Panels do
              let x, y = axisName "x" index, axisName "y" index
              for mark in panel.Source.Marks do
                  match mark with
                  | Rule(at, true, label) when label <> "" ->
                      annotation (escape label) [ "xref", boxed x; "yref", boxed (y + " domain"); "x", value (if panel.X.Scale = Log then log10 at else at); "y", boxed 1; "yanchor", boxed "top"; "font", font 11.0 Palette.softText; "bgcolor", boxed "rgba(255,255,255,0.7)"
                                                  "xanchor", boxed (if panel.X.Fraction at > 0.7 then "right" else "left") ]
                  | Rule(at, false, label) when label <> "" ->
                      annotation (escape label) [ "xref", boxed (x + " domain"); "yref", boxed y; "x", boxed 1; "y", value (if panel.Y.Scale = Log then log10 at else at); "xanchor", boxed "right"; "yanchor", boxed "bottom"; "font", font 11.0 Palette.softText; "bgcolor", boxed "rgba(255,255,255,0.7)" ]
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
                  annotation (boxed $"<b>{escape panel.Source.Title}</b>") [ "x", fractionX panel.Area.Left; "y", fractionY panel.Area.Top; "xanchor", boxed "left"; "yanchor", boxed "bottom"; "font", font 13.0 Palette.text ]
          annotation (lines page.CaptionLines)
              [ "x", boxed 0; "y", boxed 0; "xanchor", boxed "left"; "yanchor", boxed "top"; "xshift", value (12.0 - frame.Left); "yshift", value (frame.Bottom - page.CaptionTop); "font", font 12.5 Palette.softText ] ]

    let private coloraxis plot (scale: ColorScale) (bar: Box) =
        let bars = [ "title", make [ "text", lines (barTitle plot scale); "side", boxed "right"; "font", font 11.5 Palette.text ]; "thickness", boxed 14; "lenmode", boxed "pixels"; "len", value bar.Height; "y", boxed 1; "yanchor", boxed "top" ]
        make [ "cmin", value scale.Low; "cmax", value scale.High; "colorbar", make bars; "colorscale", boxed (Palette.stopsOf scale |> Array.map (fun (at, color) -> [| boxed at; boxed color |])) ]

    let private layout (page: Page) =
        let frame = inner page
        let title = [ "text", boxed $"<b>{lines page.TitleLines}</b>"; "x", value (12.0 / page.Width); "xanchor", boxed "left"; "y", value (1.0 - 10.0 / page.Height); "yanchor", boxed "top"; "yref", boxed "container"; "font", font 16.0 Palette.text ]
        let legend top = [ "orientation", boxed "h"; "tracegroupgap", boxed 0; "xref", boxed "container"; "yref", boxed "container"; "x", value (12.0 / page.Width); "y", value (1.0 - (top - 4.0) / page.Height); "xanchor", boxed "left"; "yanchor", boxed "top"; "font", font 11.5 Palette.text ]
        let axes =
            [ for index, panel in Array.indexed page.Panels do
                  let domainX = (panel.Area.Left - frame.Left) / frame.Width, (panel.Area.Right - frame.Left) / frame.Width
                  let domainY = (frame.Bottom - panel.Area.Bottom) / frame.Height, (frame.Bottom - panel.Area.Top) / frame.Height
                  (axisName "xaxis" index), axis "y" index panel.X [| panel.X.Title |] domainX panel.Turned
                  (axisName "yaxis" index), axis "x" index panel.Y (yTitle panel.Area.Height panel.Y) domainY false ]
        fill (Plotly.NET.Layout())
            ([ "title", make title
               "height", value page.Height
               "autosize", boxed true
               "margin", make [ "l", value frame.Left; "t", value frame.Top; "r", value (page.Width - frame.Right); "b", value (page.Height - frame.Bottom) ]
               "font", font 12.0 Palette.text
               "paper_bgcolor", boxed "#FFFFFF"
               "plot_bgcolor", boxed "#FFFFFF"
               "barmode", boxed "overlay"
               "hovermode", boxed "closest"
               "showlegend", boxed (page.Legend.Length > 0)
               if page.Legend.Length > 0 then "legend", make (legend page.Legend[0].Top)
               match page.Plot.Colors, page.ColorBar with
               | ValueSome scale, ValueSome bar -> "coloraxis", coloraxis page.Plot scale bar
               | _ -> ()
               "shapes", boxed (shapes page)
               "annotations", boxed (captions page frame @ ruleLabels page) ]
             @ axes)

    let render (page: Page) =
        let all = traces page |> List.map (fun trace -> Plotly.NET.GenericChart.ofTraceObject false trace)
        Plotly.NET.GenericChart.combine all |> Plotly.NET.GenericChart.setLayout (layout page) |> Plotly.NET.GenericChart.toFigureJson
