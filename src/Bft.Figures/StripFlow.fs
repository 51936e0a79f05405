namespace Bft.Figures

open System
open Bft.Results

/// Sets the tokens of a strip into lines.
module internal StripFlow =
    /// Height of a line, in pixels.
    let private lineHeight = 21.0

    /// Width of a character of the strip's face, in pixels.
    let private character = 0.602 * 11.5

    /// Line and column (in characters) of each token, lines no longer than `perLine`; a token of one line end closes its line.
    let private flow perLine (shown: string[]) =
        let place (row, column) (text: string) =
            let width = min perLine (max 1 (TextMeasure.cells text) + 1)
            let row, column = if column > 0 && column + width > perLine then row + 1, 0 else row, column
            let next = if text.EndsWith '⏎' then row + 1, 0 else row, column + width
            (row, column, width), next
        Array.mapFold place (0, 0) shown |> fst

    /// A text of at most `limit` characters; what is cut is marked.
    let private shorten limit (text: string) =
        if TextMeasure.cells text <= limit then text else Globalization.StringInfo(text).SubstringByTextElements(0, limit - 1) + "…"

    /// A panel with one strip, its lines numbered by their first tokens, and the height of its drawing area.
    let panel perLine title (shown: string[]) (values: float[]) =
        let places = flow perLine shown
        let rows = 1 + (places |> Array.map (fun (row, _, _) -> row) |> Array.max)
        let firsts = [| for row in 0 .. rows - 1 -> -(float row), string (Array.findIndex (fun (other, _, _) -> other = row) places) |]
        let strip =
            { Left = places |> Array.map (fun (_, column, _) -> float column)
              Width = places |> Array.map (fun (_, _, width) -> float width)
              Row = places |> Array.map (fun (row, _, _) -> -(float row))
              Values = values
              Texts = shown |> Array.map (shorten (perLine - 1))
              Hover = shown }
        let axis title = { Title = title; Scale = Linear; Ticks = [||]; Range = ValueNone }
        { Panel.Title = title
          X = { axis "" with Scale = Unscaled; Range = ValueSome(0.0, float perLine) }
          Y = { axis "first token" with Ticks = firsts; Range = ValueSome(-(float rows) + 0.5, 0.5) }
          Marks = [| Strip strip |] }, lineHeight * float rows

    /// <summary>The plot with shorter lines where its strips have no room for their characters.</summary>
    /// <param name="page">The plot as it would be laid out.</param>
    let fit (page: Page) =
        let shorter (placed: PlacedPanel) =
            match placed.Source.Marks, placed.Source.X.Range with
            | [| Strip strip |], ValueSome(0.0, perLine) when placed.Area.Width < perLine * character ->
                Some(panel (max 8 (int (placed.Area.Width / character))) placed.Source.Title strip.Hover strip.Values)
            | _ -> None
        match page.Panels |> Array.choose shorter with
        | all when all.Length = page.Panels.Length -> { page.Plot with Panels = Array.map fst all; PanelHeight = all |> Array.map snd |> Array.max }
        | _ -> page.Plot
