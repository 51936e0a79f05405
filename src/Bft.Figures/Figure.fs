namespace Bft.Figures

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open System.Xml.Linq
open Bft.Results.Display

/// <summary>
/// A finished figure: HTML for notebooks, SVG, Plotly JSON and text. Notebook hosts built on .NET Interactive show it without a package, and its forms are made
/// once. The same plot gives the same bytes.
/// </summary>
/// <remarks>
/// The form in notebooks is one picture with its data inside and a short script. Hosts that run scripts show values under the pointer and follow the colours of
/// the page around; hosts that do not (an untrusted notebook, GitHub) show the picture. No other library and no network is needed.
/// </remarks>
[<Sealed; TypeFormatterSource(typeof<FigureFormatters>, PreferredMimeTypes = [| "text/html"; "text/plain" |])>]
type Figure private (plot: Plot, problems: string list) =
    /// Width of a page in pixels for a printed width in millimetres, so that the smallest text is 7 points high.
    static let printed (millimetres: float) = millimetres / 25.4 * 72.0 * PageLayout.smallestSize / 7.0

    static let arrange width plot = (let page = PageLayout.arrange width plot in { page with Panels = Array.map Thinning.panel page.Panels })

    static let save (path: string) (content: string) =
        match Path.GetDirectoryName(Path.GetFullPath path) with
        | null -> ()
        | folder -> Directory.CreateDirectory folder |> ignore
        File.WriteAllText(path, content)

    do if not problems.IsEmpty then raise (ArgumentException("The figure cannot be drawn. " + String.concat " " problems, nameof plot))

    let page = arrange PageLayout.screenWidth plot
    let svg = lazy (SvgPage.render Theme.Auto nan (PlotJson.write page) page)
    let html = lazy (FigureHtml.write (SvgPage.identity page) page.Width page.Height plot.AltText svg.Value)
    let plotly = lazy (PlotlyPage.render (PageLayout.arrange PageLayout.screenWidth plot))
    let text = lazy (PlainText.render plot)

    /// <summary>A figure of a plot.</summary>
    /// <exception cref="T:System.ArgumentException">The plot breaks a rule; the message lists all that is wrong.</exception>
    new(plot: Plot) = Figure(plot, PlotRules.problems plot)

    /// <summary>MIME type of <see cref="P:Bft.Figures.Figure.PlotlyJson"/>.</summary>
    static member PlotlyMimeType = "application/vnd.plotly.v1+json"

    /// <summary>A figure of a plot that somebody else described: units, captions and other rules of the house are not asked for.</summary>
    static member internal Foreign(plot: Plot) = Figure(plot, [])

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

    /// <summary>
    /// The figure as one self-contained <c>svg</c> element, 760 pixels wide, title and caption included; dark where the reader's system is. Its <c>metadata</c> hold
    /// what is drawn as JSON whose single and double quotation marks are exchanged, positions rounded to a thousandth of their axis.
    /// </summary>
    member _.Svg = svg.Value

    /// <summary>The figure as an HTML element for an output of a notebook.</summary>
    member _.Html = html.Value

    /// <summary>Title, numbers and caption in words.</summary>
    member _.PlainText = text.Value

    /// <summary>The figure as an <c>svg</c> element for a given ground and width.</summary>
    /// <param name="theme">Which ground it is drawn for.</param>
    /// <param name="millimetres">Printed width, for example 85 for a column or 180 for a page; the smallest text is then 7 points high and lines of tokens are as short as that asks for. NaN: 760 pixels.</param>
    /// <exception cref="T:System.ArgumentException">The labels leave no room for the panels at this width.</exception>
    member _.ToSvg(theme: Theme, [<Optional; DefaultParameterValue(Double.NaN)>] millimetres: float) =
        if not (Double.IsNaN millimetres || millimetres >= 40.0 && millimetres <= 1000.0) then
            raise (ArgumentException($"A printed figure is 40 to 1000 mm wide; got {millimetres}.", nameof millimetres))
        let width = if Double.IsNaN millimetres then PageLayout.screenWidth else printed millimetres
        SvgPage.render theme millimetres "" (arrange width (StripFlow.fit (PageLayout.arrange width plot)))

    /// <summary>A whole HTML page with the figure, which opens without a network.</summary>
    member figure.ToHtmlPage() = FigureHtml.page plot.Title figure.Html

    /// <summary>Writes the SVG to a file; its folder is made when absent. Parameters as of <see cref="M:Bft.Figures.Figure.ToSvg(Bft.Figures.Theme,System.Double)"/>.</summary>
    member figure.SaveSvg(path: string, [<Optional; DefaultParameterValue(Theme.Light)>] theme: Theme, [<Optional; DefaultParameterValue(Double.NaN)>] millimetres: float) =
        save path (figure.ToSvg(theme, millimetres) + "\n")

    /// <summary>Writes the page of <see cref="M:Bft.Figures.Figure.ToHtmlPage"/> to a file; its folder is made when absent.</summary>
    member figure.SaveHtml(path: string) = save path (figure.ToHtmlPage())

    /// <summary>The figures in the HTML of a notebook's output, in order, made from the data inside their pictures; none when there is none.</summary>
    /// <exception cref="T:System.FormatException">A picture's data do not fit their schema.</exception>
    static member Read(html: string) : IReadOnlyList<Figure> =
        [| for svg in FigureHtml.read html do
               match (XElement.Parse svg).Elements() |> Seq.tryFind (fun part -> part.Name.LocalName = "metadata") with
               | Some data -> Figure.Foreign(PlotReader.read (JsonText.exchange data.Value))
               | None -> raise (FormatException "A figure's picture carries no data.") |]

    override _.ToString() = text.Value

/// <summary>The forms of a <see cref="T:Bft.Figures.Figure"/> in notebook outputs; made by the host.</summary>
and [<Sealed>] FigureFormatters() =
    /// <summary>One formatter for each MIME type.</summary>
    member _.CreateTypeFormatters() : seq<obj> =
        [ DisplayFormatter<Figure>("text/html", _.Html) :> obj
          DisplayFormatter<Figure>("text/plain", _.PlainText)
          DisplayFormatter<Figure>("image/svg+xml", _.Svg)
          DisplayFormatter<Figure>(Figure.PlotlyMimeType, _.PlotlyJson) ]
