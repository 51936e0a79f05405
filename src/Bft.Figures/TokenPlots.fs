namespace Bft.Figures

open System
open Bft.Results
open PlotParts

/// Plots of the tokens of one text.
module internal TokenPlots =
    /// Maximal stretches of at least `minimum` neighbouring tokens below the threshold: first and last index.
    let lowRuns (confidence: float[]) threshold minimum =
        let isLow i = i >= 0 && i < confidence.Length && confidence[i] < threshold
        [| for i in 0 .. confidence.Length - 1 do
               if isLow i && not (isLow (i - 1)) then
                   let last = Seq.initInfinite ((+) i) |> Seq.find (fun j -> not (isLow (j + 1)))
                   if last - i + 1 >= minimum then i, last |]

    let private requireSameLength (tokens: string[]) name (values: float[]) =
        if values.Length <> tokens.Length then
            invalidArg (nameof tokens) $"'{name}' has {values.Length} values for {tokens.Length} tokens."

    let trace (tokens: string[]) confidence threshold minimumRun (windowMeans: float[]) =
        if tokens.Length = 0 then invalidArg (nameof tokens) "A confidence trace needs at least one token."
        requireSameLength tokens "confidence" confidence
        if windowMeans.Length > 0 then requireSameLength tokens "window means" windowMeans
        let positions = Array.init tokens.Length float
        let shown = tokens |> Array.map TextMeasure.token
        let shades = lowRuns confidence threshold minimumRun |> Array.map (fun (first, last) -> Shade(float first - 0.5, float last + 0.5))
        let window = if windowMeans.Length = 0 then [||] else [| Line { Name = "window mean"; Ink = 4; X = positions; Y = windowMeans; Dashed = false; Markers = false; Hover = [||] } |]
        let line = Line { Name = "token confidence"; Ink = 0; X = positions; Y = confidence; Dashed = false; Markers = tokens.Length <= 80; Hover = shown }
        let x =
            if tokens.Length <= 48 then { axis "token" with Ticks = Array.zip positions shown; Range = ValueSome(-0.5, float tokens.Length - 0.5) }
            else { axis "position (tokens)" with Range = ValueSome(-0.5, float tokens.Length - 0.5) }
        let marks = Array.concat [ shades; rule false threshold $"threshold {NumberText.Significant threshold}"; window; [| line |] ]
        [| { Panel.Title = ""; X = x; Y = { axis "confidence (probability)" with Range = ValueSome(-0.02, 1.02) }; Marks = marks } |]

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

    let strip (tokens: string[]) (weights: TokenWeights[]) perLine =
        let shown = tokens |> Array.map TextMeasure.token
        let written = shown |> Array.map (shorten (perLine - 1))
        let places = flow perLine shown
        let rows = 1 + (places |> Array.map (fun (row, _, _) -> row) |> Array.max)
        let firsts = [| for row in 0 .. rows - 1 -> -(float row), string (Array.findIndex (fun (other, _, _) -> other = row) places) |]
        let one (weight: TokenWeights) =
            requireSameLength tokens weight.Name weight.Weights
            let strip =
                { Left = places |> Array.map (fun (_, column, _) -> float column)
                  Width = places |> Array.map (fun (_, _, width) -> float width)
                  Row = places |> Array.map (fun (row, _, _) -> -(float row))
                  Values = weight.Weights
                  Texts = written
                  Hover = shown }
            { Panel.Title = weight.Name
              X = { axis "" with Scale = Unscaled; Range = ValueSome(0.0, float perLine) }
              Y = { axis "first token" with Ticks = firsts; Range = ValueSome(-(float rows) + 0.5, 0.5) }
              Marks = [| Strip strip |] }
        Array.map one weights, 21.0 * float rows
