namespace Bft.Figures

open System
open System.Collections.Generic
open System.Net
open System.Text.Json
open Bft.Results

/// <summary>How a chart that another library made (Plotly.NET's <c>GenericChart</c>) is shown: as the figures of this library are, so that it needs no network.</summary>
[<Sealed; AbstractClass>]
type ChartForms private () =
    /// <summary>
    /// The forms of a chart by MIME type. Lines, points, areas down to zero, upright bars and heat maps on one pair of axes are drawn, in the colours of this library: HTML and SVG beside the
    /// Plotly JSON as it was given, and text. Of other charts there are the JSON, for hosts with a Plotly renderer, and a sentence that says so.
    /// </summary>
    /// <param name="plotlyJson">An object <c>{data, layout}</c> of Plotly.</param>
    /// <exception cref="T:System.Text.Json.JsonException">It is not JSON.</exception>
    static member Of(plotlyJson: string) : IReadOnlyDictionary<string, string> =
        use document = JsonDocument.Parse plotlyJson
        let root = document.RootElement
        let told reason =
            let sentence = $"{snd (ForeignChart.describe root)}. There is no picture, because {reason} cannot be drawn here; hosts that render Plotly JSON show the chart."
            dict [ "text/plain", sentence; "text/html", $"<p class='bft-chart'>{WebUtility.HtmlEncode sentence}</p>"; Figure.PlotlyMimeType, plotlyJson ]
        let forms =
            try
                let figure = Figure.Foreign(ForeignChart.read root)
                dict [ "text/plain", figure.PlainText; "text/html", figure.Html; "image/svg+xml", figure.Svg; Figure.PlotlyMimeType, plotlyJson ]
            with
            | NotDrawn reason -> told reason
            | :? ArgumentException as e -> told $"this layout ({e.Message})"
        Dictionary forms
