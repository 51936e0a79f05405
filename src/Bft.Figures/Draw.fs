namespace Bft.Figures

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open Bft.Results
open PlotParts

/// <summary>
/// Makes figures. Every one demands a title, a caption that states the finding and an alternative text; axis titles end in a unit in parentheses.
/// What is missing or does not fit is an <see cref="T:System.ArgumentException"/> that lists all of it.
/// </summary>
[<AbstractClass; Sealed>]
type Draw =
    /// <summary>Curves with bands, for example training curves of several seeds. Axis titles are the curves' own labels.</summary>
    /// <param name="level">Height of a dashed reference line; NaN: none.</param>
    static member Lines
        (title: string, caption: string, altText: string, curves: IEnumerable<Curve>,
         [<Optional; DefaultParameterValue(false)>] logX: bool, [<Optional; DefaultParameterValue(false)>] logY: bool, [<Optional; DefaultParameterValue(false)>] markers: bool,
         [<Optional; DefaultParameterValue(Double.NaN)>] level: float, [<Optional; DefaultParameterValue("")>] levelLabel: string) =
        Figure(plot title caption altText 270.0 (MeasuredPlots.lines (Seq.toArray curves) logX logY markers (rule false level levelLabel)))

    /// <summary>Bars with error bars: one category a label, side by side one bar a group.</summary>
    /// <param name="xTitle">What the categories are; may be empty.</param>
    /// <param name="level">Height of a dashed reference line; NaN: none.</param>
    static member Bars
        (title: string, xTitle: string, yTitle: string, caption: string, altText: string, values: IEnumerable<Measured>,
         [<Optional; DefaultParameterValue(Double.NaN)>] level: float, [<Optional; DefaultParameterValue("")>] levelLabel: string) =
        Figure(plot title caption altText 250.0 (MeasuredPlots.bars xTitle yTitle (Seq.toArray values) level levelLabel))

    /// <summary>A dot and its interval for each label, first label on top; groups apart by colour and shape.</summary>
    /// <param name="reference">Position of an upright dashed line, for example 0 or 1; NaN: none.</param>
    static member Forest
        (title: string, xTitle: string, caption: string, altText: string, values: IEnumerable<Measured>,
         [<Optional; DefaultParameterValue(Double.NaN)>] reference: float, [<Optional; DefaultParameterValue("")>] referenceLabel: string, [<Optional; DefaultParameterValue(false)>] logScale: bool) =
        let panels, height = MeasuredPlots.forest xTitle (Seq.toArray values) logScale reference referenceLabel
        Figure(plot title caption altText height panels)

    /// <summary>Histograms over shared bins of equal width, each as shares of its own sample.</summary>
    static member Histogram
        (title: string, xTitle: string, yTitle: string, caption: string, altText: string, samples: IEnumerable<Sample>, [<Optional; DefaultParameterValue(30)>] bins: int) =
        Figure(plot title caption altText 250.0 (MeasuredPlots.histogram xTitle yTitle (Seq.toArray samples) bins))

    /// <summary>A grid of numbers as coloured cells, first row on top.</summary>
    /// <param name="valueTitle">Name and unit of the numbers.</param>
    /// <param name="values">One array a row, as long as <paramref name="columns"/>; NaN is left blank.</param>
    /// <param name="low">Value of the lightest colour; NaN: from the data.</param>
    /// <param name="high">Value of the darkest colour; NaN: from the data.</param>
    /// <param name="middle">For two hues: the value where they meet; the range is made symmetric around it. NaN: one hue.</param>
    static member HeatMap
        (title: string, xTitle: string, yTitle: string, valueTitle: string, caption: string, altText: string, columns: string[], rows: string[], values: float[][],
         [<Optional; DefaultParameterValue(Double.NaN)>] low: float, [<Optional; DefaultParameterValue(Double.NaN)>] high: float, [<Optional; DefaultParameterValue(Double.NaN)>] middle: float) =
        let panels = MeasuredPlots.heatMap xTitle yTitle columns rows values
        let height = max 90.0 (34.0 * float rows.Length)
        Figure { plot title caption altText height panels with Colors = ValueSome(Draw.Scale(valueTitle, Array.concat values, low, high, middle)) }

    /// <summary>The confidence of each token of one text, runs of low ones shaded. Up to 48 tokens are written under the axis; all show on hover.</summary>
    /// <param name="confidence">Probability of each token, in [0, 1].</param>
    /// <param name="threshold">Tokens below it are low.</param>
    /// <param name="minimumRun">Shortest run that is shaded.</param>
    /// <param name="windowMeans">Mean confidence of the window around each token, drawn as a second line; null: none.</param>
    static member ConfidenceTrace
        (title: string, caption: string, altText: string, tokens: string[], confidence: float[],
         [<Optional; DefaultParameterValue(0.1)>] threshold: float, [<Optional; DefaultParameterValue(3)>] minimumRun: int, [<Optional; DefaultParameterValue(null: float[] | null)>] windowMeans: float[] | null) =
        let means = match windowMeans with null -> [||] | means -> means
        Figure(plot title caption altText 230.0 (TokenPlots.trace tokens confidence threshold minimumRun means))

    /// <summary>The tokens of one text, once for each objective, coloured by the weight that it gives them.</summary>
    /// <param name="weightTitle">Name and unit of the weights.</param>
    /// <param name="perLine">Characters in a line.</param>
    /// <param name="low">Weight of the lightest colour.</param>
    /// <param name="high">Weight of the darkest colour; NaN: from the data.</param>
    static member TokenStrip
        (title: string, weightTitle: string, caption: string, altText: string, tokens: string[], weights: IEnumerable<TokenWeights>,
         [<Optional; DefaultParameterValue(92)>] perLine: int, [<Optional; DefaultParameterValue(0.0)>] low: float, [<Optional; DefaultParameterValue(Double.NaN)>] high: float) =
        let weights = Seq.toArray weights
        if tokens.Length = 0 || weights.Length = 0 then invalidArg (nameof tokens) $"A token strip needs tokens and weights; got {tokens.Length} tokens, {weights.Length} weightings."
        if perLine < 8 then invalidArg (nameof perLine) $"A line needs at least 8 characters; got {perLine}."
        let panels, height = TokenPlots.strip tokens weights perLine
        let scale = Draw.Scale(weightTitle, weights |> Array.collect _.Weights, low, high, nan)
        Figure { plot title caption altText height panels with Colors = ValueSome scale }

    /// <summary>Small multiples: the panels of several figures on one page, each under its figure's title.</summary>
    /// <param name="columns">Panels side by side.</param>
    /// <param name="panelHeight">Height of each panel's drawing area in pixels.</param>
    static member Grid
        (title: string, caption: string, altText: string, figures: IEnumerable<Figure>, [<Optional; DefaultParameterValue(2)>] columns: int, [<Optional; DefaultParameterValue(180.0)>] panelHeight: float) =
        let plots = figures |> Seq.map _.Plot |> Seq.toArray
        let panels = plots |> Array.collect (fun one -> one.Panels |> Array.map (fun panel -> if panel.Title = "" then { panel with Title = one.Title } else panel)) |> Inks.unify
        let colors =
            match plots |> Array.map _.Colors |> Array.filter _.IsSome |> Array.distinct with
            | [||] -> ValueNone
            | [| one |] -> one
            | several -> invalidArg (nameof figures) $"All figures of a grid share one colour scale; got {several.Length}. Give them the same low and high."
        Figure { plot title caption altText panelHeight panels with Columns = columns; Colors = colors }

    static member private Scale(title: string, values: float[], low: float, high: float, middle: float) : ColorScale =
        let finite = values |> Array.filter Double.IsFinite
        if finite.Length = 0 then invalidArg (nameof values) $"'{title}' has no finite value to colour."
        let low = if Double.IsNaN low then Array.min finite else low
        let high = if Double.IsNaN high then Array.max finite else high
        let low, high = if low < high then low, high else low, low + 1.0
        if Double.IsNaN middle then { Title = title; Low = low; High = high; Diverging = false }
        else
            let reach = max (abs (high - middle)) (abs (middle - low))
            { Title = title; Low = middle - reach; High = middle + reach; Diverging = true }
