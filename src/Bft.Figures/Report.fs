namespace Bft.Figures

open System
open System.Collections.Generic
open Bft.Results

/// <summary>One output of a cell: the same thing in several forms, by MIME type. Binary forms are base64.</summary>
type ReportOutput =
    { /// <summary>MIME type to text.</summary>
      Forms: IReadOnlyDictionary<string, string> }

/// <summary>One cell of a notebook.</summary>
type ReportCell =
    { /// <summary><c>markdown</c>, or the language of the code.</summary>
      Language: string
      /// <summary>Text or code, as in the notebook.</summary>
      Source: string
      /// <summary>What it showed, in order; empty for text.</summary>
      Outputs: ReportOutput[] }

/// <summary>One notebook.</summary>
type ReportSection =
    { /// <summary>Short name, for example the file's; names the section's address on the page.</summary>
      Name: string
      /// <summary>Cells in order.</summary>
      Cells: ReportCell[]
      /// <summary>Why the notebook did not run to its end; empty when it did.</summary>
      Failure: string }

    /// <summary>The first heading of the notebook's text, or its name.</summary>
    member section.Title =
        section.Cells
        |> Seq.filter (fun cell -> cell.Language = "markdown")
        |> Seq.collect (fun cell -> cell.Source.Split '\n')
        |> Seq.tryFind (fun line -> line.StartsWith "# ")
        |> Option.map (fun line -> line.Substring(2).Trim())
        |> Option.defaultValue section.Name

    /// <summary>The claims that the notebook displayed.</summary>
    /// <exception cref="T:Bft.Results.ResultsFormatException">A displayed table of claims does not fit its schema; names notebook and cell.</exception>
    member section.Claims : IReadOnlyList<Claim> =
        [| for index, cell in Array.indexed section.Cells do
               for output in cell.Outputs do
                   match output.Forms.TryGetValue ClaimTable.MimeType with
                   | true, json -> yield! ClaimTable.Parse(json, $"{section.Name}, cell {index + 1}").Claims
                   | _ -> () |]

/// <summary>Several executed notebooks, to be read as one page.</summary>
type Report =
    { /// <summary>Heading of the page.</summary>
      Title: string
      /// <summary>What was run, in Markdown.</summary>
      Introduction: string
      /// <summary>Notebooks in order.</summary>
      Sections: ReportSection[] }

    /// <summary>Every claim with the notebook that makes it, in order.</summary>
    member report.Claims : IReadOnlyList<struct (string * Claim)> = [| for section in report.Sections do for claim in section.Claims -> struct (section.Name, claim) |]

    /// <summary>The claims as a table: notebook, claim, verdict, evidence. A notebook that failed has a row that says so.</summary>
    member report.Summary : TextTable =
        let table = TextTable("Notebook", "Claim", "Verdict", "Evidence")
        for section in report.Sections do
            for claim in section.Claims do
                let decisive = claim.Checks |> Seq.filter (fun check -> check.Outcome = claim.Outcome) |> Seq.map (fun check -> $"{check.Statement.TrimEnd '.'}: {check.Evidence}")
                table.Add(section.Name, claim.Sentence, ClaimTable.Word claim.Outcome, String.Join("; ", decisive)) |> ignore
            if section.Failure <> "" then table.Add(section.Name, "", "did not run", section.Failure) |> ignore
            elif section.Claims.Count = 0 then table.Add(section.Name, "", "no claim", "") |> ignore
        table
