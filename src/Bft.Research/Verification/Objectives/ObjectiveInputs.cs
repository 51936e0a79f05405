using System.Text.Json;
using Bft.Research.Objectives;
using Bft.Research.Uncertainty;

namespace Bft.Research.Verification.Objectives;

/// <summary>Reads the fields that all objective cases share, with the format's defaults where a case leaves one out.</summary>
internal static class ObjectiveInputs
{
    /// <summary>The options of a case. Under a reduction by micro-batches the case also has <c>micro_batches</c>.</summary>
    public static ObjectiveOptions Options(GoldenCase golden, string? objective = null) => new()
    {
        Kind = (objective ?? golden.Input("objective").Text()) switch
        {
            "sft" => ObjectiveKind.Sft,
            "dft" => ObjectiveKind.Dft,
            "bft-v1-code" => ObjectiveKind.BftV1Code,
            "bft-v1-paper" => ObjectiveKind.BftV1Paper,
            "bft-v3" => ObjectiveKind.BftV3,
            var other => throw new FormatException($"objective: '{other}' is not known."),
        },
        Ablation = golden.OptionalInput("ablation")?.GetString() switch
        {
            null or "none" => Ablation.None,
            "token-only" => Ablation.TokenOnly,
            "sequence-only" => Ablation.SequenceOnly,
            var other => throw new FormatException($"ablation: '{other}' is not known."),
        },
        ConfidenceWindow = golden.OptionalInput("window")?.GetInt32() ?? 256,
        WindowAlignment = Alignment(golden.OptionalInput("window_alignment")?.GetString() ?? "left"),
        WindowScope = golden.OptionalInput("window_scope")?.GetString() switch
        {
            null or "sequence" => WindowScope.Sequence,
            "turn" => WindowScope.Turn,
            var other => throw new FormatException($"window_scope: '{other}' is not known."),
        },
        Reduction = golden.OptionalInput("reduction")?.GetString() switch
        {
            null => null,
            "token" => Reduction.PerToken,
            "sequence" => Reduction.PerSequence,
            "micro-batch-sum" => Reduction.SumOverMicroBatches,
            "micro-batch-mean" => Reduction.MeanOverMicroBatches,
            var other => throw new FormatException($"reduction: '{other}' is not known."),
        },
        Epsilon = golden.OptionalInput("eps")?.GetDouble() ?? 1e-8,
        Gamma = golden.OptionalInput("gamma")?.GetDouble() ?? 1,
    };

    /// <summary><c>left</c> or <c>right</c>, also with the prefix <c>centred-</c>.</summary>
    public static WindowAlignment Alignment(string text) => text switch
    {
        "left" or "centred-left" => WindowAlignment.Left,
        "right" or "centred-right" => WindowAlignment.Right,
        _ => throw new FormatException($"alignment: '{text}' is not known."),
    };

    /// <summary>Numbers of rows in each micro-batch; one micro-batch of all rows where the case names none.</summary>
    public static int[] MicroBatches(GoldenCase golden, int rows) =>
        golden.OptionalInput("micro_batches") is { } sizes ? [.. sizes.Integers().Select(n => (int)n)] : [rows];

    /// <summary>Denominators of the case: <c>num_items</c> or the counted tokens, all rows, the number of micro-batches.</summary>
    public static BatchTotals Totals(GoldenCase golden, int tokens, int rows, int microBatches) =>
        new(golden.OptionalInput("num_items") is { ValueKind: JsonValueKind.Number } items ? items.GetInt64() : tokens, rows, microBatches);
}
