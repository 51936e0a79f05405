namespace Bft.Figures

open System
open System.IO
open Bft.Results.Display

/// <summary>
/// A finished figure: Plotly JSON for viewers that can interact, SVG for all others, and text. Notebook hosts built on .NET Interactive show it
/// without a package, and its forms are made once. The same plot gives the same bytes.
/// </summary>
[<Sealed; TypeFormatterSource(typeof<FigureFormatters>, PreferredMimeTypes = [| "application/vnd.plotly.v1+json"; "image/svg+xml"; "text/plain" |])>]
type Figure(plot: Plot) =
    do
        match PlotRules.problems plot with
        | [] -> ()
        | problems -> raise (ArgumentException("The figure cannot be drawn. " + String.concat " " problems, nameof plot))

    let page = PageLayout.arrange plot
    let svg = lazy (SvgPage.render page)
    let plotly = lazy (PlotlyPage.render page)
    let text = lazy (PlainText.render plot)

    /// <summary>MIME type of <see cref="P:Bft.Figures.Figure.PlotlyJson"/> in notebook outputs.</summary>
    static member PlotlyMimeType = "application/vnd.plotly.v1+json"

    /// <summary>What is drawn.</summary>
    member _.Plot = plot

    /// <summary>Heading.</summary>
    member _.Title = plot.Title

    /// <summary>The finding.</summary>
    member _.Caption = plot.Caption

    /// <summary>What a reader who cannot see the figure is told.</summary>
    member _.AltText = plot.AltText

    /// <summary>The figure as an object <c>{data, layout, frames}</c> of Plotly. Numbers have six significant digits.</summary>
    member _.PlotlyJson = plotly.Value

    /// <summary>The figure as one self-contained <c>svg</c> element, 760 pixels wide, title and caption included.</summary>
    member _.Svg = svg.Value

    /// <summary>Title, numbers and caption in words.</summary>
    member _.PlainText = text.Value

    /// <summary>Writes the SVG to a file; its folder is made when absent.</summary>
    member _.SaveSvg(path: string) =
        match Path.GetDirectoryName(Path.GetFullPath path) with
        | null -> ()
        | folder -> Directory.CreateDirectory folder |> ignore
        File.WriteAllText(path, svg.Value + "\n")

    override _.ToString() = text.Value

/// <summary>The forms of a <see cref="T:Bft.Figures.Figure"/> in notebook outputs; made by the host.</summary>
and [<Sealed>] FigureFormatters() =
    /// <summary>One formatter for each MIME type.</summary>
    member _.CreateTypeFormatters() : seq<obj> =
        [ DisplayFormatter<Figure>(Figure.PlotlyMimeType, _.PlotlyJson) :> obj
          DisplayFormatter<Figure>("image/svg+xml", _.Svg)
          DisplayFormatter<Figure>("text/plain", _.PlainText) ]
