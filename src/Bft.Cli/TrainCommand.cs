using System.CommandLine;
using Bft.Research.Checkpoints;
using Bft.Research.Data;
using Bft.Research.Tokenization;
using Bft.Research.Training;

namespace Bft.Cli;

/// <summary><c>bft train</c>: trains LoRA or all weights with SFT, DFT or BFT.</summary>
/// <remarks>Everything that can be wrong with options, rows or model is found before the output folder is made; what was trained appears in it as a whole at the end.</remarks>
internal static class TrainCommand
{
    /// <summary>What is written into a full model's folder beside weights and configuration.</summary>
    private static readonly string[] s_tokenizerFiles =
        ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "chat_template.jinja", "vocab.json", "merges.txt", "added_tokens.json"];

    private static readonly ModelOptions s_model = new();
    private static readonly TrainOptions s_options = new();
    private static readonly Option<FileInfo> s_data = new("--data") { Description = "JSON Lines or JSON array of conversations: alpaca, sharegpt or messages", Required = true };
    private static readonly Option<FileInfo?> s_heldOut = new("--held-out") { Description = "rows that are only measured" };
    private static readonly Option<string> s_output = new("--output") { Description = "folder for log, options and result; absent or empty", Required = true };
    private static readonly Option<bool> s_plain = new("--plain") { Description = "no chat template: the prompt as it stands, a line break, the response" };
    private static readonly Option<bool> s_skip = new("--skip-bad-rows") { Description = "leave out rows that cannot be used, and count them, instead of stopping" };

    public static Command Create()
    {
        var command = new Command("train", "Train LoRA (default) or the full model with SFT, DFT or BFT. Writes log.jsonl, options.json, and adapter/ or model/.")
        {
            s_data, s_heldOut, s_output, s_plain, s_skip,
        };
        s_model.AddTo(command);
        s_options.AddTo(command);
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        var output = Path.GetFullPath(result.GetValue(s_output)!);
        if (File.Exists(output) || (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any()))
            throw new InvalidDataException($"--output {output}: expected nothing or an empty folder.");
        var options = Chosen(result, s_options.Read(result));
        if (options.Validate() is { Count: > 0 } problems)
            throw new InvalidDataException($"options: {string.Join("; ", problems)}.");

        var tokenizer = s_model.Tokenizer(result);
        var rows = Rows(result, tokenizer, result.GetValue(s_data)!.FullName, options);
        var heldOut = result.GetValue(s_heldOut) is { } file ? Measured(Rows(result, tokenizer, file.FullName, options), options) : [];
        var plan = BatchPlan.Over(rows, options);

        using var model = s_model.Load(result);
        using var trainer = new Trainer(model, options);
        Announce(trainer, rows, plan);
        Directory.CreateDirectory(output);
        File.WriteAllText(Path.Combine(output, "options.json"), TrainerOptionsFile.Write(options) + "\n");
        using var log = new TrainingLog(new StreamWriter(Path.Combine(output, "log.jsonl")));
        var progress = new TrainingProgress(plan.Steps, log);
        trainer.Run(plan, heldOut, progress, progress, cancellation);
        Save(trainer, output, s_model.Folder(result), s_model.Path(result));
        Console.Error.WriteLine();
        return Verb.Success;
    }

    /// <summary>The options with what <c>--plain</c> and <c>--skip-bad-rows</c> say.</summary>
    private static TrainerOptions Chosen(ParseResult result, TrainerOptions options) => options with
    {
        Rows = options.Rows with
        {
            Plain = options.Rows.Plain || result.GetValue(s_plain),
            Policies = result.GetValue(s_skip) ? RowPolicies.SkipUnusable : options.Rows.Policies,
        },
    };

    private static RowSet Rows(ParseResult result, HfTokenizer tokenizer, string file, TrainerOptions options)
    {
        var chat = options.Rows.Plain ? null : ChatTemplate.Load(s_model.Folder(result));
        var rows = RowSet.Read(file, tokenizer, chat, options.Rows);
        Console.Error.WriteLine($"{file}: {rows.Report}");
        return rows;
    }

    private static List<TokenBatch> Measured(RowSet rows, TrainerOptions options) => [.. new Collator(rows.PadId).Batches(rows.Examples, options.RowsPerMicroBatch)];

    private static void Announce(Trainer trainer, RowSet rows, BatchPlan plan) => Console.Error.WriteLine(
        $"{rows.Examples.Count} rows, {rows.Tokens} tokens, {rows.Supervised} supervised; {plan.Steps} steps; "
        + $"training {trainer.Tensors.Sum(t => t.Value.numel())} of {trainer.Model.Config.ParameterCount} values{(trainer.Adapter is null ? "" : " as LoRA")}, {trainer.Model.Dtype} on {trainer.Model.Device}");

    private static void Save(Trainer trainer, string output, string tokenizerFolder, string baseModel)
    {
        if (trainer.Adapter is not null)
        {
            trainer.Save(Path.Combine(output, "adapter"), baseModel);
            return;
        }

        AtomicOutput.WriteFolder(Path.Combine(output, "model"), place =>
        {
            trainer.Save(place);
            foreach (var name in s_tokenizerFiles.Where(name => File.Exists(Path.Combine(tokenizerFolder, name))))
                File.Copy(Path.Combine(tokenizerFolder, name), Path.Combine(place, name));
        });
    }
}
