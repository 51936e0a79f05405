namespace Bft.Figures

open System
open Bft.Results

/// <summary>One number with its interval, ready to be a bar or a dot.</summary>
type Measured =
    { /// <summary>Row or category.</summary>
      Label: string
      /// <summary>Series, told apart by colour and shape; empty for a single one.</summary>
      Group: string
      /// <summary>The number.</summary>
      Value: float
      /// <summary>Lower end of the interval; NaN: none.</summary>
      Low: float
      /// <summary>Upper end of the interval; NaN: none.</summary>
      High: float }

    /// <summary>A number without an interval.</summary>
    static member Of(label: string, group: string, value: float) = { Label = label; Group = group; Value = value; Low = nan; High = nan }

    /// <summary>A number with its interval.</summary>
    static member Of(label: string, group: string, value: float, low: float, high: float) = { Label = label; Group = group; Value = value; Low = low; High = high }

    /// <summary>A measured value of results.</summary>
    static member Of(label: string, group: string, value: MetricValue) =
        match value.Interval with
        | null -> Measured.Of(label, group, value.Value)
        | interval -> { Label = label; Group = group; Value = value.Value; Low = interval.Low; High = interval.High }

/// <summary>Values of one quantity, for a histogram.</summary>
type Sample =
    { /// <summary>Entry of the legend.</summary>
      Name: string
      /// <summary>The values; those that are not finite are left out.</summary>
      Values: float[] }

/// <summary>The weight that one objective gives each token of a text.</summary>
type TokenWeights =
    { /// <summary>Name of the objective.</summary>
      Name: string
      /// <summary>One weight a token.</summary>
      Weights: float[] }

/// Parts of plots that several kinds share.
module internal PlotParts =
    let axis title : Axis = { Title = title; Scale = Linear; Ticks = [||]; Range = ValueNone }

    let named title labels : Axis = { axis title with Ticks = labels |> Array.mapi (fun i label -> float i, label) }

    let range (low: float) (high: float) = if Double.IsNaN low || Double.IsNaN high then ValueNone else ValueSome(low, high)

    let rule upright (at: float) label = if Double.IsNaN at then [||] else [| Rule(at, upright, label) |]

    let plot title caption altText height panels : Plot =
        { Title = title; Caption = caption; AltText = altText; Panels = panels; Columns = 1; Colors = ValueNone; PanelHeight = height }

    /// Lower and upper ends, or nothing where no value has an interval.
    let ends (values: Measured[]) =
        if values |> Array.exists (fun value -> Double.IsFinite value.Low) then values |> Array.map _.Low, values |> Array.map _.High else [||], [||]

    /// Offsets that set `count` series side by side inside a category of width 1.
    let dodge count width index = (float index - float (count - 1) / 2.0) * width
