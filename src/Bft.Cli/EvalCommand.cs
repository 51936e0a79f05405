using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bft.Research.Checkpoints;
using Bft.Research.Data;
using Bft.Research.Evaluation;
using Bft.Research.Uncertainty;
using static Bft.Cli.RunFileOption;

namespace Bft.Cli;

/// <summary><c>bft eval</c>: measures a model on conversations, running text and multiple-choice questions.</summary>
internal static class EvalCommand
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly RunFileArguments<EvalOptions> s_arguments = new(
        [
            ("data", Texts("--data", "conversations (alpaca, sharegpt or messages): their responses are measured")),
            ("text", Texts("--text", "running text: .txt, or JSON Lines with a field text")),
            ("choices", Texts("--choices", "multiple-choice questions: JSON Lines with question, choices, answer")),
            ("choiceForm", Text("--choice-form", "text (default): each choice is scored as the answer; letters: choices are listed, letters scored")),
            ("rows.cutoff", Text("--cutoff", "longest row or piece of text in tokens (default 2048)")),
            ("window", Text("--window", "tokens in a confidence window (default 256)")),
            ("batch", Text("--batch", "rows that go through the model together (default 8)")),
            ("limit", Text("--limit", "most rows, texts or questions of each file")),
            ("resamples", Text("--resamples", "how often rows are drawn again for the 95 % intervals (default 1000)")),
            ("seed", Text("--seed", "seed of these draws (default 0)")),
            ("json", Text("--json", "write the numbers to this file")),
            .. ModelUseOptions.Named(),
        ],
        [("rows.plain", "true", Flag("--plain", "no chat template"))]);

    public static Command Create()
    {
        var command = new Command("eval", "Measure a model: NLL, perplexity, accuracy, confidence, lowest window; and right answers. Intervals are 95 %, over rows drawn again.");
        s_arguments.AddTo(command);
        return command.Does((result, cancellation) => Run(s_arguments.Read(result), cancellation));
    }

    private static int Run(EvalOptions options, CancellationToken cancellation)
    {
        foreach (var file in options.Data.Select(source => source.File).Concat(options.Text).Concat(options.Choices))
            if (!File.Exists(file))
                throw new InvalidDataException($"{file}: no such file.");

        using var open = options.Open();
        var chat = options.Rows.Plain || options.Data.Count + options.Choices.Count == 0 ? null : open.Template();
        var rows = options.Rows with { Plain = chat is null };
        List<Measured> measured =
        [
            .. options.Data.Select(source => Rows(open, options, source.File, "responses", RowSet.Read(
                source.File, open.Tokenizer, chat, rows with { Form = source.Form ?? rows.Form, Columns = source.Columns ?? rows.Columns }, source.Limit ?? options.Limit), cancellation)),
            .. options.Text.Select(file => Rows(open, options, file, "text", TextRows.Read(file, open.Tokenizer, rows.Cutoff, options.Limit), cancellation)),
            .. options.Choices.Select(file => new Measured(file, "choices", null, ChoiceSummary.Of(
                open.Model, ChoiceQuestion.Read(file, options.Limit), open.Tokenizer, chat, options.ChoiceForm, options.Resamples, (ulong)options.Seed, options.Batch, cancellation))),
        ];
        foreach (var one in measured)
            Print(one);
        if (options.Json is { } output)
            AtomicOutput.WriteFile(output, stream => JsonSerializer.Serialize(stream, new { model = options.Model, adapter = options.Adapter, dtype = open.Model.Dtype.ToString(), results = measured }, s_json));
        return Verb.Success;
    }

    private static Measured Rows(OpenModel open, EvalOptions options, string file, string kind, RowSet rows, CancellationToken cancellation) => new(
        file, kind, RowSummary.Of(RowMeasures.Of(open.Model, rows, options.Window, options.Batch, cancellation), options.Resamples, (ulong)options.Seed), null);

    private static void Print(Measured one)
    {
        void Line(string name, Estimate estimate, string unit) =>
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-22} {estimate.Value,9:0.0000}  [{estimate.Low:0.0000}, {estimate.High:0.0000}]  {unit}"));

        if (one.Rows is { } rows)
        {
            Console.WriteLine($"{one.File} ({one.Kind}): {rows.Rows} rows, {rows.Tokens} tokens");
            Line("negative log-likelihood", rows.Nll, "nats a token");
            Line("perplexity", rows.Perplexity, "");
            Line("accuracy", rows.Accuracy, "of tokens");
            Line("mean confidence", rows.MeanConfidence, "");
            Line("lowest window", rows.LowestWindow, "mean over rows");
        }

        if (one.Choices is { } choices)
        {
            Console.WriteLine($"{one.File} ({one.Kind}): {choices.Questions} questions");
            Line("accuracy", choices.Accuracy, FormattableString.Invariant($"of questions; chance {choices.Chance:0.0000}"));
            Line("accuracy, normalised", choices.NormalisedAccuracy, "by log-likelihood per character");
            Line("right choice", choices.AnswerNll, "nats a choice");
        }
    }

    /// <summary>The numbers of one file.</summary>
    private sealed record Measured(string File, string Kind, RowSummary? Rows, ChoiceSummary? Choices);
}
