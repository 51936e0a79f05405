using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bft.Research.Checkpoints;
using Bft.Research.Data;
using Bft.Research.Evaluation;
using Bft.Research.Uncertainty;

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

    private static readonly ModelOptions s_model = new();
    private static readonly Option<string[]> s_data = Files("--data", "conversations (alpaca, sharegpt or messages): their responses are measured");
    private static readonly Option<string[]> s_text = Files("--text", "running text: .txt, or JSON Lines with a field text");
    private static readonly Option<string[]> s_choices = Files("--choices", "multiple-choice questions: JSON Lines with question, choices, answer");
    private static readonly Option<ChoiceForm> s_form = new("--choice-form") { Description = "Text: each choice is scored as the answer; Letters: choices are listed, letters scored" };
    private static readonly Option<bool> s_plain = new("--plain") { Description = "no chat template" };
    private static readonly Option<int> s_cutoff = new("--cutoff") { Description = "longest row or piece of text in tokens", DefaultValueFactory = _ => 2048 };
    private static readonly Option<int> s_window = new("--window") { Description = "tokens in a confidence window", DefaultValueFactory = _ => 256 };
    private static readonly Option<int> s_batch = new("--batch") { Description = "rows that go through the model together", DefaultValueFactory = _ => 8 };
    private static readonly Option<int?> s_limit = new("--limit") { Description = "most rows, texts or questions of each file" };
    private static readonly Option<int> s_resamples = new("--resamples") { Description = "how often rows are drawn again for the 95 % intervals", DefaultValueFactory = _ => 1000 };
    private static readonly Option<ulong> s_seed = new("--seed") { Description = "seed of these draws" };
    private static readonly Option<string?> s_output = new("--json") { Description = "write the numbers to this file" };

    public static Command Create()
    {
        var command = new Command("eval", "Measure a model: NLL, perplexity, accuracy, confidence, lowest window; and right answers. Intervals are 95 %, over rows drawn again.")
        {
            s_data, s_text, s_choices, s_form, s_plain, s_cutoff, s_window, s_batch, s_limit, s_resamples, s_seed, s_output,
        };
        s_model.AddTo(command);
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        string[] Given(Option<string[]> option) => result.GetValue(option) ?? [];
        if (Given(s_data).Length + Given(s_text).Length + Given(s_choices).Length == 0)
            throw new InvalidDataException("expected --data, --text or --choices.");
        foreach (var (option, least) in ((Option<int>, int)[])[(s_cutoff, 2), (s_window, 1), (s_batch, 1), (s_resamples, 1)])
            if (result.GetValue(option) < least)
                throw new InvalidDataException($"{option.Name}: expected a whole number of at least {least}, actual {result.GetValue(option)}.");
        if (result.GetValue(s_limit) < 1)
            throw new InvalidDataException($"{s_limit.Name}: expected a whole number above 0, actual {result.GetValue(s_limit)}.");
        foreach (var file in Given(s_data).Concat(Given(s_text)).Concat(Given(s_choices)))
            if (!File.Exists(file))
                throw new InvalidDataException($"{file}: no such file.");

        using var open = s_model.Open(result);
        var chat = result.GetValue(s_plain) || Given(s_data).Length + Given(s_choices).Length == 0 ? null : open.Template();
        var rows = new RowOptions { Plain = chat is null, Cutoff = result.GetValue(s_cutoff) };
        List<Measured> measured =
        [
            .. Given(s_data).Select(file => Rows(open, result, file, "responses", RowSet.Read(file, open.Tokenizer, chat, rows, result.GetValue(s_limit)), cancellation)),
            .. Given(s_text).Select(file => Rows(open, result, file, "text", TextRows.Read(file, open.Tokenizer, result.GetValue(s_cutoff), result.GetValue(s_limit)), cancellation)),
            .. Given(s_choices).Select(file => new Measured(file, "choices", null, ChoiceSummary.Of(
                open.Model, ChoiceQuestion.Read(file, result.GetValue(s_limit)), open.Tokenizer, chat, result.GetValue(s_form), result.GetValue(s_resamples), result.GetValue(s_seed), result.GetValue(s_batch), cancellation))),
        ];
        foreach (var one in measured)
            Print(one);
        if (result.GetValue(s_output) is { } output)
            AtomicOutput.WriteFile(output, stream => JsonSerializer.Serialize(stream, new { model = s_model.Path(result), adapter = s_model.Adapter(result), dtype = open.Model.Dtype.ToString(), results = measured }, s_json));
        return Verb.Success;
    }

    private static Measured Rows(OpenModel open, ParseResult result, string file, string kind, RowSet rows, CancellationToken cancellation) => new(
        file, kind, RowSummary.Of(RowMeasures.Of(open.Model, rows, result.GetValue(s_window), result.GetValue(s_batch), cancellation), result.GetValue(s_resamples), result.GetValue(s_seed)), null);

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

    private static Option<string[]> Files(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true };

    /// <summary>The numbers of one file.</summary>
    private sealed record Measured(string File, string Kind, RowSummary? Rows, ChoiceSummary? Choices);
}
