namespace Bft.Figures

open System
open System.IO
open System.Net
open System.Text
open System.Text.RegularExpressions
open Markdig
open Bft.Results

/// <summary>Writes a report as one HTML file that opens without a network: text, folded code, figures that can be explored, tables and claims.</summary>
[<AbstractClass; Sealed>]
type ReportPage =
    static let pipeline = MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().UseMathematics().Build()
    static let encodeLine (line: string) = string (WebUtility.HtmlEncode(TextMeasure.clean (line.TrimEnd('\r').Replace("\t", "    "))))
    static let encode (text: string) = text.Split '\n' |> Array.map encodeLine |> String.concat "\n"

    /// Formulas stay as they are written, without their delimiters: a page without a network has nothing that could set them.
    static let markdown (text: string) = Regex.Replace(Markdown.ToHtml(text, pipeline), @"(class=""math"">\s*)\\[(\[](.*?)\\[)\]]", "$1$2", RegexOptions.Singleline)

    static let languageName language =
        match language with
        | "csharp" -> "C#"
        | "fsharp" -> "F#"
        | other -> other

    static let anchor (name: string) = Regex.Replace(name.ToLowerInvariant(), "[^a-z0-9]+", "-").Trim '-'

    static let output (page: StringBuilder) (output: ReportOutput) =
        let form mime = match output.Forms.TryGetValue mime with | true, text -> Some text | _ -> None
        let box (inner: string) = page.Append("<div class=\"output\">").Append(inner).Append("</div>\n") |> ignore
        match form "text/html", form "image/svg+xml", form "image/png", form "text/markdown", form "text/plain" with
        | Some html, _, _, _, _ -> box html
        | _, Some svg, _, _, _ -> box svg
        | _, _, Some png, _, _ -> box $"<img alt=\"\" src=\"data:image/png;base64,{encode (png.Trim())}\">"
        | _, _, _, Some text, _ -> box (markdown text)
        | _, _, _, _, Some text -> page.Append("<pre class=\"stream\">").Append(encode (text.TrimEnd())).Append("</pre>\n") |> ignore
        | _ -> ()

    static let cell (page: StringBuilder) (cell: ReportCell) =
        if cell.Language = "markdown" then page.Append(markdown cell.Source) |> ignore
        else
            let lines = cell.Source.TrimEnd().Split('\n').Length
            let count = if lines = 1 then "1 line" else $"{lines} lines"
            page.Append($"<details class=\"code\"><summary>{encode (languageName cell.Language)}, {count}</summary><pre>").Append(encode (cell.Source.TrimEnd())).Append("</pre></details>\n") |> ignore
            for one in cell.Outputs do output page one

    static let section (page: StringBuilder) (section: ReportSection) =
        page.Append($"<section class=\"notebook\" id=\"{anchor section.Name}\">\n<p class=\"name\">{encode section.Name}</p>\n") |> ignore
        if section.Failure <> "" then page.Append($"<p class=\"failure-note\">This notebook did not run to its end. {encode section.Failure}</p>\n") |> ignore
        for one in section.Cells do cell page one
        page.Append("</section>\n") |> ignore

    static let kind (row: string[]) =
        match row[2] with
        | "holds" | "fails" | "undecided" -> row[2]
        | "did not run" -> "failure"
        | _ -> "none"

    static let summary (page: StringBuilder) (report: Report) =
        let table = report.Summary
        page.Append("<h2>Claims</h2>\n<table class=\"claims\"><thead><tr>") |> ignore
        for column in table.Columns do page.Append($"<th>{encode column}</th>") |> ignore
        page.Append("</tr></thead><tbody>\n") |> ignore
        for row in table.Rows do
            page.Append($"<tr class=\"{kind row}\"><td><a href=\"#{anchor row[0]}\">{encode row[0]}</a></td>") |> ignore
            for text in Seq.skip 1 row do page.Append($"<td>{encode text}</td>") |> ignore
            page.Append("</tr>\n") |> ignore
        page.Append("</tbody></table>\n") |> ignore

    /// <summary>The whole page. The same report gives the same bytes.</summary>
    /// <exception cref="T:Bft.Results.ResultsFormatException">A displayed table of claims does not fit its schema.</exception>
    static member ToHtml(report: Report) =
        let body = StringBuilder()
        body.Append($"<h1>{encode report.Title}</h1>\n").Append(markdown report.Introduction) |> ignore
        summary body report
        for one in report.Sections do section body one
        let page = StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        page.Append($"<title>{encode report.Title}</title>\n<style>{ReportStyle.css}</style>\n</head>\n<body>\n").Append(body) |> ignore
        page.Append("</body>\n</html>\n").ToString()

    /// <summary>Writes the page to a file; its folder is made when absent.</summary>
    static member Write(report: Report, path: string) =
        match Path.GetDirectoryName(Path.GetFullPath path) with
        | null -> ()
        | folder -> Directory.CreateDirectory folder |> ignore
        File.WriteAllText(path, ReportPage.ToHtml report)
