namespace Bft.Figures

open System
open System.Security.Cryptography
open System.Text
open System.Xml.Linq
open SvgElement
open PageLayout

/// Draws a whole figure as SVG.
module internal SvgPage =
    let private lines size color bold left top (content: string[]) =
        let weight = if bold then [ "font-weight", "600" ] else []
        [ for i, one in Array.indexed content -> textWith weight size color Start left (top + float i * lineHeight size + size) one ]

    let private legend (entry: LegendEntry) =
        let middle = entry.Top + legendSize * 0.6
        let color = Palette.ink entry.Ink
        let sample =
            match entry.Mark with
            | Line one ->
                let dash = if one.Dashed then [ "stroke-dasharray", "5 3" ] else []
                line color 2.0 entry.Left middle (entry.Left + 26.0) middle dash :: (if one.Markers then [ marker entry.Ink (entry.Left + 13.0) middle ] else [])
            | Points _ -> [ marker entry.Ink (entry.Left + 13.0) middle ]
            | _ -> [ rect color (entry.Left + 6.0) (middle - 6.0) 14.0 12.0 [ "fill-opacity", "0.85" ] ]
        group [ "class", "legend" ] (sample @ [ text legendSize Palette.text Start (entry.Left + 32.0) (entry.Top + legendSize) entry.Name ])

    let private yAxis (panel: PlacedPanel) =
        let area = panel.Area
        [ for value, label in panel.Y.Ticks do
              let y = area.Bottom - panel.Y.Fraction value * area.Height
              if y >= area.Top - 0.5 && y <= area.Bottom + 0.5 then
                  if not panel.Y.Named then line Palette.grid 1.0 area.Left y area.Right y []
                  group [ "class", "tick-y" ] [ text tickSize Palette.softText End (area.Left - 7.0) (y + tickSize * 0.35) label ]
          let titleLines = yTitle area.Height panel.Y
          for i, one in Array.indexed titleLines do
              let x = area.Left - 14.0 - tickWidth panel.Y - float (titleLines.Length - 1 - i) * lineHeight axisSize
              let y = area.Top + area.Height / 2.0
              textWith [ turned -90 x y ] axisSize Palette.text Middle x y one ]

    let private xAxis (panel: PlacedPanel) =
        let area = panel.Area
        let labels = if panel.Turned then 12.0 + tickWidth panel.X else 22.0
        [ for value, label in panel.X.Ticks do
              let x = area.Left + panel.X.Fraction value * area.Width
              if x >= area.Left - 0.5 && x <= area.Right + 0.5 then
                  if not panel.X.Named then line Palette.grid 1.0 x area.Top x area.Bottom []
                  group [ "class", "tick-x" ]
                      [ line Palette.softText 1.0 x area.Bottom x (area.Bottom + 4.0) []
                        if panel.Turned then textWith [ turned -90 (x + tickSize * 0.35) (area.Bottom + 7.0) ] tickSize Palette.softText End (x + tickSize * 0.35) (area.Bottom + 7.0) label
                        else text tickSize Palette.softText Middle x (area.Bottom + 7.0 + tickSize) label ]
          if panel.X.Scale <> Unscaled then line Palette.softText 1.0 area.Left area.Bottom area.Right area.Bottom []
          if panel.X.Title <> "" then text axisSize Palette.text Middle (area.Left + area.Width / 2.0) (area.Bottom + labels + axisSize) panel.X.Title ]

    let private draw (page: Page) clip index (panel: PlacedPanel) =
        let area = panel.Area
        let clipName = $"{clip}-{index}"
        let clipPath = element "clipPath" [ "id", clipName ] [ rect "none" (area.Left - 6.0) (area.Top - 6.0) (area.Width + 12.0) (area.Height + 12.0) [] ]
        let heading =
            if page.Panels.Length = 1 then []
            else [ textWith [ "font-weight", "600" ] panelSize Palette.text Start area.Left (area.Top - 7.0) panel.Source.Title ]
        let marks = panel.Source.Marks |> Array.toList
        let drawn = group [ "clip-path", $"url(#{clipName})" ] (marks |> List.collect (SvgMarks.draw panel page.Plot.Colors))
        group [ "class", "panel" ] (clipPath :: heading @ yAxis panel @ xAxis panel @ [ drawn ] @ (marks |> List.collect (SvgMarks.ruleLabel panel)))

    let private colorBar plot (scale: ColorScale) (box: Box) =
        let steps = 40
        let ticks = Ticks.linear 4 scale.Low scale.High
        let y value = box.Bottom - (value - scale.Low) / (scale.High - scale.Low) * box.Height
        [ for i in 0 .. steps - 1 do
              let value = scale.Low + (float i + 0.5) / float steps * (scale.High - scale.Low)
              rect (Palette.color scale value) box.Left (box.Bottom - float (i + 1) * box.Height / float steps) box.Width (box.Height / float steps + 0.4) []
          for value, label in ticks do
              text 11.0 Palette.softText Start (box.Right + 4.0) (y value + 4.0) label
          for i, one in Array.indexed (barTitle plot scale) do
              let x, middle = box.Right + 40.0 + float i * 14.0, box.Top + box.Height / 2.0
              textWith [ turned -90 x middle ] 11.5 Palette.text Middle x middle one ]

    /// A short name made from the content, so that several figures on one page do not share identifiers and the same figure always has the same ones.
    let private identity (page: Page) =
        let summary = StringBuilder(page.Plot.Title).Append(page.Plot.Caption).Append(page.Plot.AltText).Append(number page.Height)
        for panel in page.Panels do
            summary.Append(number panel.X.Low).Append(number panel.X.High).Append(number panel.Y.Low).Append(number panel.Y.High).Append(number panel.Area.Left) |> ignore
        "f" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(summary.ToString())))[..11]

    let render (page: Page) =
        let name = identity page
        let describe tag (content: string) = (let one = element tag [] [] in one.Add(TextMeasure.clean content); one)
        let children =
            [ describe "title" page.Plot.Title
              describe "desc" page.Plot.AltText
              rect "#FFFFFF" 0.0 0.0 page.Width page.Height []
              yield! lines titleSize Palette.text true 12.0 10.0 page.TitleLines
              for entry in page.Legend do legend entry
              for i, panel in Array.indexed page.Panels do draw page name i panel
              match page.Plot.Colors, page.ColorBar with
              | ValueSome scale, ValueSome box -> yield! colorBar page.Plot scale box
              | _ -> ()
              yield! lines captionSize Palette.softText false 12.0 page.CaptionTop page.CaptionLines ]
        let size = [ "width", number page.Width; "height", number page.Height; "viewBox", $"0 0 {number page.Width} {number page.Height}" ]
        let root = element "svg" (size @ [ "role", "img"; "font-family", "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif" ]) children
        root.ToString SaveOptions.DisableFormatting
