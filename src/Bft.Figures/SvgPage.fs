namespace Bft.Figures

open System
open System.Globalization
open System.IO
open System.Security.Cryptography
open System.Text
open System.Xml
open System.Xml.Linq
open SvgElement
open PageLayout

/// Draws a whole figure as SVG.
module internal SvgPage =
    let private lines attributes size color left top (content: string[]) =
        group (font size color Start @ attributes) [ for i, one in Array.indexed content -> text left (top + float i * lineHeight size + size) one ]

    let private legendEntry (entry: LegendEntry) =
        let middle = entry.Top + legendSize * 0.6
        let at = entry.Left + 13.0, middle
        let color = Palette.ink entry.Ink
        let sample =
            match entry.Mark with
            | Line one ->
                let dash = if one.Dashed then [ "stroke-dasharray", "5 3" ] else []
                path (strokes [ [ entry.Left, middle; entry.Left + 26.0, middle ] ]) ([ "stroke", color; "stroke-width", "2" ] @ dash) :: (if one.Markers then [ markers entry.Ink [ at ] ] else [])
            | Points _ -> [ markers entry.Ink [ at ] ]
            | _ -> [ rect (entry.Left + 6.0) (middle - 6.0) 14.0 12.0 [ "fill", color; "fill-opacity", ".85" ] ]
        group [ "class", "legend" ] (sample @ [ text (entry.Left + 32.0) (entry.Top + legendSize) entry.Name ])

    let private legend (page: Page) =
        if page.Legend.Length = 0 then [] else [ group (font legendSize Palette.text Start) [ for entry in page.Legend -> legendEntry entry ] ]

    let private grid ends = if List.isEmpty ends then [] else [ path (strokes ends) [ "stroke", Palette.grid ] ]

    let private yAxis (panel: PlacedPanel) =
        let area = panel.Area
        let ticks =
            [ for value, label in panel.Y.Ticks do
                  let y = area.Bottom - panel.Y.Fraction value * area.Height
                  if y >= area.Top - 0.5 && y <= area.Bottom + 0.5 then y, label ]
        [ if not panel.Y.Named then yield! grid [ for y, _ in ticks -> [ area.Left, y; area.Right, y ] ]
          group ([ "class", "ticks-y" ] @ font tickSize Palette.softText End) [ for y, label in ticks -> text (area.Left - 7.0) (y + tickSize * 0.35) label ]
          let titleLines = yTitle area.Height panel.Y
          for i, one in Array.indexed titleLines do
              let x = area.Left - 14.0 - tickWidth panel.Y - float (titleLines.Length - 1 - i) * lineHeight axisSize
              let y = area.Top + area.Height / 2.0
              textWith (turned -90 x y :: font axisSize Palette.text Middle) x y one ]

    let private xAxis (panel: PlacedPanel) =
        let area = panel.Area
        let labels = if panel.Turned then 12.0 + tickWidth panel.X else 22.0
        let ticks =
            [ for value, label in panel.X.Ticks do
                  let x = area.Left + panel.X.Fraction value * area.Width
                  if x >= area.Left - 0.5 && x <= area.Right + 0.5 then x, label ]
        let label (x, content) =
            if panel.Turned then textWith [ turned -90 (x + tickSize * 0.35) (area.Bottom + 7.0) ] (x + tickSize * 0.35) (area.Bottom + 7.0) content
            else text x (area.Bottom + 7.0 + tickSize) content
        [ if not panel.X.Named then yield! grid [ for x, _ in ticks -> [ x, area.Top; x, area.Bottom ] ]
          let strokesOfTicks = [ for x, _ in ticks -> [ x, area.Bottom; x, area.Bottom + 4.0 ] ]
          let axis = if panel.X.Scale = Unscaled then [] else [ [ area.Left, area.Bottom; area.Right, area.Bottom ] ]
          if not (List.isEmpty (strokesOfTicks @ axis)) then path (strokes (strokesOfTicks @ axis)) [ "class", "marks-x"; "stroke", Palette.softText ]
          group ([ "class", "ticks-x" ] @ font tickSize Palette.softText (if panel.Turned then End else Middle)) (List.map label ticks)
          for i, one in Array.indexed (xTitle area.Width panel.X) do
              textWith (font axisSize Palette.text Middle) (area.Left + area.Width / 2.0) (area.Bottom + labels + axisSize + float i * lineHeight axisSize) one ]

    /// Place and ends of the axes, from which a position on the screen becomes a value again: left, top, width, height, ends of x, ends of y.
    let private geometry (panel: PlacedPanel) =
        let exact (value: float) = value.ToString("G9", CultureInfo.InvariantCulture)
        let area = [ panel.Area.Left; panel.Area.Top; panel.Area.Width; panel.Area.Height ] |> List.map number
        String.Join(' ', area @ List.map exact [ panel.X.Low; panel.X.High; panel.Y.Low; panel.Y.High ])

    let private draw (page: Page) clip index (panel: PlacedPanel) =
        let area = panel.Area
        let clipName = $"{clip}-{index}"
        let clipPath = element "clipPath" [ "id", clipName ] [ rect (area.Left - 6.0) (area.Top - 6.0) (area.Width + 12.0) (area.Height + 12.0) [] ]
        let headingAt i = area.Top - 7.0 - float (panel.Heading.Length - 1 - i) * lineHeight panelSize
        let heading = [ for i, one in Array.indexed panel.Heading -> textWith ([ "font-weight", "600" ] @ font panelSize Palette.text Start) area.Left (headingAt i) one ]
        let marks = panel.Source.Marks |> Array.toList
        let drawn = group [ "clip-path", $"url(#{clipName})" ] (marks |> List.collect (SvgMarks.draw panel page.Plot.Colors))
        group [ "class", "panel"; "data-area", geometry panel ] (clipPath :: heading @ yAxis panel @ xAxis panel @ [ drawn ] @ (marks |> List.collect (SvgMarks.ruleLabel panel)))

    let private colorBar plot name (scale: ColorScale) (box: Box) =
        let gradient = $"{name}-g"
        let y value = box.Bottom - (value - scale.Low) / (scale.High - scale.Low) * box.Height
        let stops = [ for at, color in Palette.stopsOf scale -> element "stop" [ "offset", at.ToString("0.##", CultureInfo.InvariantCulture); "stop-color", color ] [] ]
        [ element "linearGradient" [ "id", gradient; "x1", "0"; "y1", "1"; "x2", "0"; "y2", "0" ] stops
          rect box.Left box.Top box.Width box.Height [ "fill", $"url(#{gradient})" ]
          group ([ "class", "ticks-c" ] @ font 11.0 Palette.softText Start) [ for value, label in Ticks.linear (Math.Clamp(int (box.Height / 18.0), 2, 4)) scale.Low scale.High -> text (box.Right + 4.0) (y value + 4.0) label ]
          for i, one in Array.indexed (barTitle plot scale) do
              let x, middle = box.Right + 40.0 + float i * 14.0, box.Top + box.Height / 2.0
              textWith (turned -90 x middle :: font 11.5 Palette.text Middle) x middle one ]

    /// A short name made from the content, so that several figures on one page do not share identifiers and the same figure always has the same ones.
    let identity (page: Page) =
        let summary = StringBuilder(page.Plot.Title).Append(page.Plot.Caption).Append(page.Plot.AltText).Append(number page.Height).Append(number page.Width)
        for panel in page.Panels do summary.Append(geometry panel) |> ignore
        "f" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(summary.ToString())))[..11]

    /// Markup with its attributes in single quotes, so that it can stand in double ones.
    let private markup (root: XElement) =
        use text = new StringWriter()
        using (new XmlTextWriter(text, QuoteChar = '\'')) root.WriteTo
        text.ToString().Replace(" />", "/>")

    let private painted = [ "fill"; "stroke" ]

    /// Colours that do not stand for a value, by the attribute that uses them.
    let private used (root: XElement) =
        [ for attribute in root.DescendantsAndSelf().Attributes() do
              if List.contains attribute.Name.LocalName painted && Palette.dark.ContainsKey attribute.Value then attribute.Name.LocalName, attribute.Value ]
        |> List.distinct
        |> List.sort

    /// Rules for readers with a dark system; the attributes are the light colours.
    let private darkRules root =
        let rules = used root |> List.map (fun (name, color) -> $"[{name}='{color}']{{{name}:{Palette.dark[color]}}}") |> String.concat ""
        let style = element "style" [] []
        style.Add $"@media(prefers-color-scheme:dark){{{rules}}}"
        style

    let private darken (root: XElement) =
        for attribute in root.DescendantsAndSelf().Attributes() |> Seq.toArray do
            if List.contains attribute.Name.LocalName painted then
                match Palette.dark.TryFind attribute.Value with
                | Some color -> attribute.Value <- color
                | None -> ()

    let private content (page: Page) name =
        let describe tag (content: string) = (let one = element tag [] [] in one.Add(TextMeasure.clean content); one)
        [ describe "title" page.Plot.Title
          describe "desc" page.Plot.AltText
          rect 0.0 0.0 page.Width page.Height [ "fill", Palette.ground ]
          lines [ "font-weight", "600" ] titleSize Palette.text 12.0 10.0 page.TitleLines
          yield! legend page
          for i, panel in Array.indexed page.Panels do draw page name i panel
          match page.Plot.Colors, page.ColorBar with
          | ValueSome scale, ValueSome box -> yield! colorBar page.Plot name scale box
          | _ -> ()
          lines [] captionSize Palette.softText 12.0 page.CaptionTop page.CaptionLines ]

    /// <summary>The figure as one element.</summary>
    /// <param name="theme">Which ground it is drawn for.</param>
    /// <param name="millimetres">Printed width; NaN: pixels.</param>
    /// <param name="data">JSON that travels inside, with its quotation marks exchanged; empty: nothing.</param>
    let render theme (millimetres: float) (data: string) (page: Page) =
        let size =
            if Double.IsNaN millimetres then [ "width", number page.Width; "height", number page.Height ]
            else [ "width", number millimetres + "mm"; "height", number (millimetres * page.Height / page.Width) + "mm" ]
        let face = [ "role", "img"; "font-family", "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"; "font-size", number usualSize; "fill", usualColor; "stroke-linejoin", "round" ]
        let root = element "svg" (size @ [ "viewBox", $"0 0 {number page.Width} {number page.Height}" ] @ face) (content page (identity page))
        match theme with
        | Theme.Light -> ()
        | Theme.Dark -> darken root
        | _ -> root.Add(darkRules root)
        if data <> "" then
            let inside = element "metadata" [] []
            inside.Add(JsonText.exchange data)
            root.Add inside
        markup root
