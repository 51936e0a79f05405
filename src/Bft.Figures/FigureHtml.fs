namespace Bft.Figures

open System
open System.IO
open System.Net
open System.Text.RegularExpressions

/// The form of a figure in notebooks: a picture that every host shows, and a handler that makes it answer to the pointer where the host runs scripts.
module internal FigureHtml =
    let private address = "data:image/svg+xml;charset=utf-8,"

    /// What may not stand in an address or in an attribute in double quotes. Shorter than base64 by a fifth.
    let private escaped (svg: string) =
        svg.Replace("%", "%25").Replace("#", "%23").Replace("<", "%3C").Replace(">", "%3E").Replace("\"", "%22").Replace("&", "%26").Replace("\n", "%0A")

    /// The script without comments, indentation and line ends.
    let private script =
        lazy
            (let assembly = typeof<Theme>.Assembly
             match assembly.GetManifestResourceStream "hover.js" with
             | null -> raise (InvalidOperationException "Bft.Figures was built without hover.js.")
             | stream ->
                 use reader = new StreamReader(stream)
                 reader.ReadToEnd().Split('\n') |> Array.map _.Trim() |> Array.filter (fun line -> not (line.StartsWith "//")) |> String.concat "")

    let private encode (text: string) = string (WebUtility.HtmlEncode(TextMeasure.clean text))

    /// <summary>The element for an output of a cell.</summary>
    /// <param name="name">Identifier of the figure.</param>
    /// <param name="alt">What a reader who cannot see it is told.</param>
    /// <param name="svg">The picture with its data inside.</param>
    let write (name: string) (width: float) (height: float) (alt: string) (svg: string) =
        let size = $"width='{SvgElement.number width}' height='{SvgElement.number height}' style='max-width:100%%;height:auto'"
        $"<div class='bft-figure' id='{name}'><img alt='{encode alt}' {size} src=\"{address}{escaped svg}\" onload='{script.Value}'></div>"

    /// A whole page with one figure.
    let page (title: string) (element: string) =
        $"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{encode title}</title>\n"
        + "<style>body{margin:16px;background:#FFFFFF}@media(prefers-color-scheme:dark){body{background:#15191E}}</style>\n"
        + $"</head>\n<body>\n{element}\n</body>\n</html>\n"

    let private pictures = Regex($"<div class='bft-figure'[^>]*><img [^>]*?src=\"{Regex.Escape address}([^\"]+)\"")

    /// The pictures of all figures in a text, in order.
    let read (html: string) =
        [| for found in pictures.Matches html -> Uri.UnescapeDataString found.Groups[1].Value |]
