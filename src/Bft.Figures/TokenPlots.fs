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

    let strip (tokens: string[]) (weights: TokenWeights[]) perLine =
        let shown = tokens |> Array.map TextMeasure.token
        let one (weight: TokenWeights) =
            requireSameLength tokens weight.Name weight.Weights
            StripFlow.panel perLine weight.Name shown weight.Weights
        let panels = Array.map one weights
        Array.map fst panels, snd panels[0]
