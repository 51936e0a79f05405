namespace Bft.Figures

open System
open Bft.Results

/// A figure in words: for terminals, screen readers and text-only viewers.
module internal PlainText =
    let private range (values: float[]) =
        match Array.filter Double.IsFinite values with
        | [||] -> "no values"
        | finite -> $"{NumberText.Significant(Array.min finite)} to {NumberText.Significant(Array.max finite)}"

    let private labelAt (axis: Axis) value = axis.Ticks |> Array.tryFind (fun (position, _) -> abs (position - value) < 0.5) |> Option.map snd

    let private measured (axis: Axis) (name: string) (positions: float[]) (values: float[]) (low: float[]) (high: float[]) =
        [ for i in 0 .. positions.Length - 1 do
              let interval: Interval | null = if i < low.Length && Double.IsFinite low[i] then Interval(low[i], high[i]) else null
              let struct (value, ends) = NumberText.Measured(values[i], interval)
              let label = labelAt axis positions[i] |> Option.defaultValue (NumberText.Significant positions[i])
              let series = if name = "" then "" else $", {name}"
              $"  {label}{series}: {value} {ends}".TrimEnd() ]

    /// Numbers that are written one by one; a figure with more is summed up.
    let private most = 40

    let private count = function
        | Points points -> points.X.Length
        | Bars bars -> bars.X.Length
        | _ -> 0

    let private mark isLong (panel: Panel) mark =
        match mark with
        | Line line -> [ $"  {line.Name}: {line.X.Length} points, x {range line.X}, y {range line.Y}" ]
        | Points points when isLong || points.X.Length > most -> [ $"  {points.Name}: {points.X.Length} points, x {range points.X}, y {range points.Y}" ]
        | Points points when points.Across -> measured panel.Y points.Name points.Y points.X points.Low points.High
        | Points points -> measured panel.X points.Name points.X points.Y points.Low points.High
        | Bars bars when isLong -> [ $"  {bars.Name}: {bars.X.Length} bars, y {range bars.Y}" ]
        | Bars bars -> measured panel.X bars.Name bars.X bars.Y bars.Low bars.High
        | Cells cells -> [ $"  {cells.Y.Length} × {cells.X.Length} cells, values {range (Array.concat cells.Values)}" ]
        | Strip strip -> [ $"  {strip.Texts.Length} tokens, values {range strip.Values}" ]
        | Shade(from, until) -> [ $"  shaded from {NumberText.Significant from} to {NumberText.Significant until}" ]
        | Rule(at, _, label) -> [ if label <> "" then $"  line at {NumberText.Significant at}: {label}" ]
        | Band _ -> []

    let render (plot: Plot) =
        let isLong = plot.Panels |> Seq.collect _.Marks |> Seq.sumBy count > most
        [ plot.Title
          for panel in plot.Panels do
              let axes = [ panel.X.Title; panel.Y.Title ] |> List.filter ((<>) "") |> String.concat " × "
              $"""{(if panel.Title = "" then "" else panel.Title + ": ")}{axes}"""
              for one in panel.Marks do yield! mark isLong panel one
          plot.Caption ]
        |> List.filter ((<>) "")
        |> String.concat "\n"
