namespace Bft.Figures

open Bft.Results

/// A rectangle in pixels, y downwards.
[<Struct>]
type internal Box = { Left: float; Top: float; Width: float; Height: float }
    with
    member box.Right = box.Left + box.Width
    member box.Bottom = box.Top + box.Height

/// A panel with its place and settled axes.
type internal PlacedPanel =
    { Source: Panel
      /// The title in as many lines as the width asks for; empty in a figure of one panel.
      Heading: string[]
      Area: Box
      X: ScaledAxis
      Y: ScaledAxis
      /// Named ticks of x are written upwards because they do not fit side by side.
      Turned: bool }

/// An entry of the legend with its place.
type internal LegendEntry = { Name: string; Ink: int; Mark: Mark; Left: float; Top: float }

/// Where everything of a figure goes. Both renderers use it.
type internal Page =
    { Plot: Plot
      Width: float
      Height: float
      TitleLines: string[]
      CaptionLines: string[]
      CaptionTop: float
      Legend: LegendEntry[]
      Panels: PlacedPanel[]
      ColorBar: Box voption }

module internal PageLayout =
    /// Width of a figure on a screen, in pixels.
    let screenWidth = 760.0
    let titleSize, axisSize, tickSize, legendSize, captionSize, panelSize = 16.0, 13.0, 11.5, 12.5, 12.5, 13.0
    /// Size of the smallest text of a figure: labels of reference lines and of the colour bar.
    let smallestSize = 11.0
    let private edge = 12.0
    let private gap = 18.0
    let lineHeight size = size * 1.35

    let private nameOf = function
        | Line line -> Some(line.Name, line.Ink)
        | Points points -> Some(points.Name, points.Ink)
        | Bars bars -> Some(bars.Name, bars.Ink)
        | Band band -> Some(band.Name, band.Ink)
        | Cells _ | Strip _ | Shade _ | Rule _ -> None

    /// One entry a name; a line or a set of points stands for the band of the same name.
    let private legendNames (plot: Plot) =
        let marks = plot.Panels |> Array.collect _.Marks
        let isBand = function Band _ -> 1 | _ -> 0
        let entries = marks |> Array.choose (fun mark -> nameOf mark |> Option.map (fun (name, ink) -> name, ink, mark)) |> Array.filter (fun (name, _, _) -> name <> "")
        let order = entries |> Array.map (fun (name, _, _) -> name) |> Array.distinct
        let chosen = order |> Array.map (fun name -> entries |> Array.filter (fun (other, _, _) -> other = name) |> Array.minBy (fun (_, _, mark) -> isBand mark))
        if chosen.Length < 2 then [||] else chosen

    let private placeLegend width top plot =
        let place (left, line) (name, ink, mark) =
            let needed = 34.0 + TextMeasure.width legendSize name + 16.0
            let left, line = if left > edge && left + needed > width - edge then edge, line + 1 else left, line
            { Name = name; Ink = ink; Mark = mark; Left = left; Top = top + float line * lineHeight legendSize }, (left + needed, line)
        legendNames plot |> Array.mapFold place (edge, 0) |> fst

    let tickWidth (axis: ScaledAxis) = if axis.Ticks.Length = 0 then 0.0 else axis.Ticks |> Array.map (snd >> TextMeasure.width tickSize) |> Array.max

    /// The title of a y axis in as many lines as the panel's height asks for.
    let yTitle height (axis: ScaledAxis) = TextMeasure.wrap axisSize height axis.Title

    let private leftMargin height (axis: ScaledAxis) = tickWidth axis + 12.0 + float (yTitle height axis).Length * lineHeight axisSize

    /// Named ticks collide when two neighbours' labels are wider than their distance.
    let private collides areaWidth (axis: ScaledAxis) =
        axis.Named
        && axis.Ticks
           |> Array.sortBy fst
           |> Array.pairwise
           |> Array.exists (fun ((a, textA), (b, textB)) ->
               (TextMeasure.width tickSize textA + TextMeasure.width tickSize textB) / 2.0 + 6.0 > (axis.Fraction b - axis.Fraction a) * areaWidth)

    /// The title of an x axis in as many lines as its panel asks for; it may reach a little into the margins.
    let xTitle areaWidth (axis: ScaledAxis) = if axis.Title = "" then [||] else TextMeasure.wrap axisSize (areaWidth + 32.0) axis.Title

    let private bottomMargin turned areaWidth (axis: ScaledAxis) =
        let labels = if axis.Ticks.Length = 0 then 4.0 elif turned then tickWidth axis + 12.0 else 22.0
        labels + float (xTitle areaWidth axis).Length * lineHeight axisSize + 4.0

    let private barHeight (plot: Plot) = min plot.PanelHeight 200.0

    /// The title of the colour bar in as many lines as its height asks for.
    let barTitle (plot: Plot) (scale: ColorScale) = TextMeasure.wrap 11.5 (max 90.0 (barHeight plot)) scale.Title

    /// What the colour bar takes on the right, with its ticks and title.
    let private barWidth (plot: Plot) =
        match plot.Colors with
        | ValueSome scale -> 70.0 + 14.0 * float (barTitle plot scale).Length
        | ValueNone -> 6.0

    /// Narrowest drawing area of a panel, in pixels.
    let private narrowest = 60.0

    /// Left margins of the columns, and the width that is left for each drawing area.
    let private columnWidths width columns plot (axes: (ScaledAxis * ScaledAxis)[]) =
        let margins =
            [| for column in 0 .. columns - 1 ->
                   axes |> Array.indexed |> Array.filter (fun (i, _) -> i % columns = column) |> Array.map (fun (_, (_, y)) -> leftMargin plot.PanelHeight y) |> Array.max |]
        let right = width - edge - barWidth plot
        margins, (right - edge - Array.sum margins - gap * float (columns - 1)) / float columns

    /// As many panels side by side as the plot asks for; fewer on a page that is narrower than a screen.
    let rec private fitColumns width columns plot (axes: (ScaledAxis * ScaledAxis)[]) =
        let margins, areaWidth = columnWidths width columns plot axes
        let enough = if width < screenWidth then 1.5 * narrowest else narrowest
        if areaWidth >= enough then columns, margins, areaWidth
        elif width < screenWidth && columns > 1 then fitColumns width (columns - 1) plot axes
        else invalidArg (nameof plot) $"The labels of the y axes leave {NumberText.Significant areaWidth} pixels for each of {columns} panels, fewer than {enough}: use fewer columns or shorter labels."

    /// Places one row of panels below `top`; answers the panels and the bottom of the row.
    let private placeRow (plot: Plot) (margins: float[]) areaWidth top (row: (int * (ScaledAxis * ScaledAxis))[]) =
        let headingOf (panel: Panel) = if plot.Panels.Length > 1 then TextMeasure.wrap panelSize areaWidth panel.Title else [||]
        let lines = row |> Array.map (fun (index, _) -> (headingOf plot.Panels[index]).Length) |> Array.max
        let heading = if lines > 0 then float lines * lineHeight panelSize + 2.0 else 0.0
        let place left (column, (index, (x, y))) =
            let area = { Left = left + margins[column]; Top = top + heading; Width = areaWidth; Height = plot.PanelHeight }
            { Source = plot.Panels[index]; Heading = headingOf plot.Panels[index]; Area = area; X = x; Y = y; Turned = collides areaWidth x }, area.Right + gap
        let panels = Array.indexed row |> Array.mapFold place edge |> fst
        let bottom = panels |> Array.map (fun panel -> bottomMargin panel.Turned areaWidth panel.X) |> Array.max
        panels, top + heading + plot.PanelHeight + bottom + 8.0

    /// Lays a plot out on a page of this width.
    let arrange width (plot: Plot) : Page =
        let titleLines = TextMeasure.wrap titleSize (width - 2.0 * edge) plot.Title
        let legendTop = edge + float titleLines.Length * lineHeight titleSize + 4.0
        let legend = placeLegend width legendTop plot
        let top = if legend.Length = 0 then legendTop + 4.0 else legend[legend.Length - 1].Top + lineHeight legendSize + 8.0
        let wanted = min plot.Columns plot.Panels.Length
        let count = max 3 (int (6.0 * width / screenWidth) / wanted)
        let axes = plot.Panels |> Array.map (fun panel -> Ticks.settle false count panel.X panel.Marks, Ticks.settle true 5 panel.Y panel.Marks)
        let columns, margins, areaWidth = fitColumns width wanted plot axes
        let rows, bottom = Array.indexed axes |> Array.chunkBySize columns |> Array.mapFold (placeRow plot margins areaWidth) top
        let panels = Array.concat rows
        let captionLines = TextMeasure.wrap captionSize (width - 2.0 * edge) plot.Caption
        let first = panels[0].Area
        let bar = if plot.Colors.IsSome then ValueSome { Left = width - edge - barWidth plot + 18.0; Top = first.Top; Width = 14.0; Height = barHeight plot } else ValueNone
        { Plot = plot; Width = width; Height = bottom + 4.0 + float captionLines.Length * lineHeight captionSize + edge
          TitleLines = titleLines; CaptionLines = captionLines; CaptionTop = bottom + 4.0; Legend = legend; Panels = panels; ColorBar = bar }
