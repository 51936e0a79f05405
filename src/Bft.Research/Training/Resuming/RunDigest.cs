using System.Globalization;
using Bft.Research.Models;
using Bft.Results;

namespace Bft.Research.Training;

/// <summary>What a run depends on, by content: two runs with equal digests take the same steps on the same machine.</summary>
internal sealed record RunDigest
{
    private const int MostOptions = 8;

    /// <summary>Options that say how a step is computed and not what it is: other values round differently.</summary>
    private static readonly HashSet<string> s_rounding = ["gradientCheckpointing", "head.tokenChunk", "head.vocabularyChunk", "head.keptLogits"];

    /// <summary>Options that split a step into micro-batches, which is no more than another rounding unless <see cref="SplitReason"/> says why.</summary>
    private static readonly string[] s_split = ["rowsPerMicroBatch", "accumulation"];

    /// <summary>Trainer options by dotted name, without those that may change on the way.</summary>
    public required SortedDictionary<string, string> Options { get; init; }

    /// <summary>SHA-256 of the model before training: of the files of its weights where the task says so, else over names, shapes and bytes of its parameters.</summary>
    public required string Model { get; init; }

    /// <summary>Dtype of the model.</summary>
    public required string Dtype { get; init; }

    /// <summary>Steps of the plan.</summary>
    public required int PlannedSteps { get; init; }

    /// <summary>Number of rows; 0 when the plan was not made of rows.</summary>
    public required int RowCount { get; init; }

    /// <summary>SHA-256 over all rows in order.</summary>
    public required string Rows { get; init; }

    /// <summary>SHA-256 over the held-out batches.</summary>
    public required string HeldOut { get; init; }

    /// <summary>SHA-256 over the batches of general text.</summary>
    public required string General { get; init; }

    /// <summary>The digest of a run that has not begun.</summary>
    /// <param name="model">Model, before any step.</param>
    /// <param name="options">Options of the trainer.</param>
    /// <param name="task">Rows and measurements.</param>
    /// <param name="rows">Digest of every row, from <see cref="ContentDigest.OfRows(IReadOnlyList{Data.TokenizedExample})"/>.</param>
    public static RunDigest Of(CausalLm model, TrainerOptions options, TrainingTask task, IReadOnlyList<long> rows) => new()
    {
        Options = new(
            RunManifest.FlattenOptions(options).Where(o => !o.Key.StartsWith("checkpoints.", StringComparison.Ordinal)).ToDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal),
            StringComparer.Ordinal),
        Model = task.ModelDigest ?? ContentDigest.Of(model.Parameters),
        Dtype = model.Dtype.ToString(),
        PlannedSteps = task.Plan.Steps,
        RowCount = rows.Count,
        Rows = ContentDigest.Of(rows),
        HeldOut = ContentDigest.OfRows(task.HeldOut),
        General = ContentDigest.OfRows(task.General),
    };

    /// <summary>What differs, each <c>WHAT: expected VALUE, actual VALUE</c>; rows are compared elsewhere, row by row.</summary>
    /// <param name="actual">The digest of the run that wants to go on from this one's.</param>
    /// <param name="allowRounding">Whether options that only round differently may differ.</param>
    public IEnumerable<string> Differences(RunDigest actual, bool allowRounding = false)
    {
        var split = allowRounding ? SplitReason(actual) : null;
        bool Passed(string name) => allowRounding && (s_rounding.Contains(name) || (split is null && s_split.Contains(name)));
        List<string> options =
        [
            .. Options.Keys.Union(actual.Options.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Where(name => !Passed(name) && Options.GetValueOrDefault(name) != actual.Options.GetValueOrDefault(name))
                .Select(name => Difference($"option {name}", Options.GetValueOrDefault(name), actual.Options.GetValueOrDefault(name))),
        ];
        foreach (var difference in options.Take(MostOptions))
            yield return difference;
        if (options.Count > MostOptions)
            yield return $"{options.Count - MostOptions} more options";
        if (split is not null)
            yield return $"the split into micro-batches: expected {RowsOf(this)}, actual {RowsOf(actual)}, which are other steps: {split}";
        if (PlannedSteps != actual.PlannedSteps)
            yield return Difference("steps of the plan", $"{PlannedSteps}", $"{actual.PlannedSteps}");
        if (Dtype != actual.Dtype)
            yield return Difference("dtype of the model", Dtype, actual.Dtype);
        else if (Model != actual.Model)
            yield return Difference("weights of the model", Model[..12], actual.Model[..12]);
        if (HeldOut != actual.HeldOut)
            yield return Difference("held-out rows", HeldOut[..12], actual.HeldOut[..12]);
        if (General != actual.General)
            yield return Difference("general text", General[..12], actual.General[..12]);
    }

    /// <summary>Whether another run only rounds differently: nothing else differs, and its steps hold as many rows.</summary>
    public bool OnlyRounds(RunDigest actual) => Rows == actual.Rows && Differences(actual).Any() && !Differences(actual, allowRounding: true).Any();

    /// <summary>Why another run's split into micro-batches makes other steps than this one's; null where it makes the same, or is the same.</summary>
    private string? SplitReason(RunDigest actual)
    {
        if (s_split.All(name => Option(name) == actual.Option(name)))
            return null;
        if (Product(this) != Product(actual))
            return "they hold another number of rows";
        if (Option("objective.reduction")?.EndsWith("OverMicroBatches", StringComparison.Ordinal) == true)
            return "objective.reduction counts micro-batches";
        if (Option("lora.dropout") is { } dropout && double.Parse(dropout, CultureInfo.InvariantCulture) > 0)
            return "lora.dropout is drawn for each micro-batch";
        if (Option("rows.tokensPerMicroBatch") is { Length: > 0 })
            return "rows.tokensPerMicroBatch says which rows they hold";
        return Option("rows.order") == "groupedByLength" ? "rows.order GroupedByLength groups by micro-batches" : null;

        static long Product(RunDigest digest) => s_split.Aggregate(1L, (product, name) => product * long.Parse(digest.Options[name], CultureInfo.InvariantCulture));
    }

    private string? Option(string name) => Options.GetValueOrDefault(name);

    private static string RowsOf(RunDigest digest) => string.Join(" of ", s_split.Reverse().Select(digest.Option));

    private static string Difference(string what, string? expected, string? actual) => $"{what}: expected {expected ?? "none"}, actual {actual ?? "none"}";
}
