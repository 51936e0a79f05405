using System.CommandLine;
using Bft.Research.Data;
using Bft.Research.Runs;
using Bft.Research.Tokenization;
using Bft.Research.Training;
using static Bft.Cli.RunFileOption;

namespace Bft.Cli;

/// <summary><c>bft inspect rows</c>: shows rows as a model is taught them, and what all rows of a file come to. Loads no weights.</summary>
internal static class InspectRowsCommand
{
    private static readonly Option<int> s_rows = new("--rows") { Description = "rows that are shown", DefaultValueFactory = _ => 3 };
    private static readonly Option<int?> s_line = new("--line") { Description = "show the row that begins at this line" };
    private static readonly Option<DataProblem?> s_with = new("--with") { Description = "show rows with which this is the matter" };
    private static readonly Option<bool> s_tokens = new("--tokens") { Description = "show every token in a line of its own" };
    private static readonly Option<bool?> s_colour = new("--colour") { Description = "mark by colours instead of brackets (default: on a terminal, unless NO_COLOR is set)" };
    private static readonly Option<FileInfo?> s_html = new("--html") { Description = "write all of it as an HTML page too" };

    private static readonly Option<FileInfo?> s_json = JsonOutput.Option();

    private static readonly RunFileArguments<RunOptions> s_arguments = new(
    [
        ("model", Text("--model", "folder with tokenizer and chat template, or a .gguf file beside its tokenizer.json")),
        ("data", Texts("--data", "JSON Lines or JSON array of conversations: alpaca, sharegpt or messages")),
        ("trainer.rows.cutoff", Text("--cutoff", "longest row in tokens (default 2048)")),
        ("trainer.rows.form", Text("--form", "alpaca, shareGpt or messages (default: as the first row)")),
        ("trainer.rows.teach", Text("--teach", "everyResponse (default), lastResponse or wholeText")),
        ("trainer.rows.reasoning", Text("--reasoning", "teach (default), mask or onlyAfter")),
        ("trainer.rows.teachEnd", Text("--teach-end", "whether the token that ends a turn is taught: true (default) or false")),
    ],
    [
        ("trainer.rows.plain", "true", Flag("--plain", "no chat template: the prompt as it stands, a line break, the response")),
    ])
    {
        Preset = [RunSetting.Of("output", ["."], "output")], // the output folder of a run is not needed here
    };

    public static Command Create()
    {
        var command = new Command("rows", "Show rows with what is taught of them, count what is the matter, and say whether training would refuse the file (exit code 1).")
        {
            s_rows, s_line, s_with, s_tokens, s_colour, s_html, s_json,
        };
        s_arguments.AddTo(command);
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        var options = s_arguments.Read(result);
        var folder = ModelFolder.Of(options.Model);
        var (tokenizer, rows) = (HfTokenizer.Load(folder), options.Trainer.Rows);
        var chat = rows.Plain ? null : ChatTemplate.Load(folder, rows.TemplateMark);
        var selection = new RowSelection { Rows = result.GetValue(s_rows), Line = result.GetValue(s_line), With = result.GetValue(s_with) };
        List<RowInspection> files = [];
        foreach (var source in options.Data)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!File.Exists(source.File))
                throw new InvalidDataException($"{source.File}: no such file.");
            files.Add(RowInspection.Read(source.File, tokenizer, chat, rows with { Form = source.Form ?? rows.Form, Columns = source.Columns ?? rows.Columns }, selection));
            if (result.GetResult(s_json) is null)
                Write(files[^1], options.Trainer, result);
        }

        JsonOutput.Write(result, s_json, () => new { files = options.Data.Zip(files, (source, file) => Described(source.File, file, options.Trainer)) });

        if (result.GetValue(s_html) is { } page)
            File.WriteAllText(page.FullName, $"<!doctype html><meta charset=\"utf-8\"><title>Rows</title><body style=\"font-family:sans-serif;max-width:60em;margin:2em auto\">{string.Concat(files.Select(file => file.ToHtml()))}</body>\n");
        return files.Any(file => file.Summary.Refused) ? Verb.Failure : Verb.Success;
    }

    private static object Described(string file, RowInspection inspection, TrainerOptions trainer)
    {
        var summary = inspection.Summary;
        return new
        {
            file,
            summary.Refused,
            summary.Rows,
            summary.Tokens,
            summary.Taught,
            summary.TaughtShare,
            summary.Responses,
            summary.Ends,
            summary.RowsThatEnd,
            summary.RowsOfSeveralTurns,
            summary.Lengths,
            summary.TaughtLengths,
            summary.Problems,
            epoch = inspection.Usable.Count > 0 ? BatchPlan.Over(new RowSet(inspection.Usable, 0), trainer).FirstEpoch : null,
            shown = inspection.Rows.Select(row => new { row.Name, row.Taught, remarks = row.Remarks.Select(remark => new { remark.Problem, remark.Message }), row.Tokens }),
        };
    }

    private static void Write(RowInspection inspection, TrainerOptions trainer, ParseResult result)
    {
        var colours = result.GetValue(s_colour) ?? (!Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
        if (result.GetValue(s_tokens))
            foreach (var row in inspection.Rows)
                Console.WriteLine($"{row.Name}\n{row.ToTable().ToText()}");
        Console.WriteLine(inspection.ToText(colours));
        if (inspection.Usable.Count > 0)
            Console.WriteLine($"an epoch of training: {BatchPlan.Over(new RowSet(inspection.Usable, 0), trainer).FirstEpoch}");
        if (inspection.Summary.Refused)
            Console.WriteLine("Training stops at these rows; policies (skip-bad-rows, or trainer.rows.policies) decide.");
    }
}
