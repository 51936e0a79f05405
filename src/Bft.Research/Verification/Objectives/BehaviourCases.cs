using Bft.Research.Objectives;
using Bft.Research.Uncertainty;

namespace Bft.Research.Verification.Objectives;

/// <summary>Kind <c>behaviour</c>, numbers 2 to 9: the properties that the objectives have by construction, and their limits.</summary>
internal sealed class BehaviourCases : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "behaviour" && golden.Input("number").GetInt32() != 1;

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var rows = new MaskedLogProbs(golden);
        double[] confidences = [.. rows.Take(0, rows.Rows).Values.Select(Math.Exp)];
        var v3 = Weigh(golden, rows, "bft-v3");
        var number = golden.Input("number").GetInt32();
        foreach (var expected in golden.Expected.EnumerateObject())
        {
            if (expected.Name == "reason")
                continue;
            var actual = number == 8
                ? Named(Weigh(golden, rows, golden.Input("objective").Text()), expected.Name)
                : Property(golden, rows, number, expected.Name, confidences, v3);
            compare.Numbers(expected.Name, expected.Value, actual);
        }
    }

    private static double[] Property(GoldenCase golden, MaskedLogProbs rows, int number, string name, double[] c, Weighting v3)
    {
        var low = Array.IndexOf(c, c.Min());
        Weighting Of(string kind) => Weigh(golden, rows, kind);
        return (number, name) switch
        {
            (2, "weight_v3_minus_weight_dft") => [.. v3.TokenWeights.Zip(c, (w, x) => w - x)],
            (2, "minimum") => [v3.TokenWeights.Zip(c, (w, x) => w - x).Min()],
            (2, "holds") => [Truth(v3.TokenWeights.Zip(c, (w, x) => w >= x - 1e-8).All(b => b))],
            (3, "C_over_C_plus_eps") => [c.Average() / (c.Average() + Epsilon(golden))],
            (3, "dft_weight") => Of("dft").TokenWeights,
            (3, "loss_v3") => [v3.Loss],
            (3, "s_times_sft") => [v3.SequenceWeights[0] * Of("sft").SequenceLosses[0]],
            (3, "holds") => [Truth(v3.TokenWeights.All(w => w > 0.99))],
            (4, "token_weight_low") => [v3.TokenWeights[low]],
            (4, "c_low") => [c[low]],
            (4, "ratio") => [v3.TokenWeights[low] / c[low]],
            (5, "at_or_above_mean") => [.. Means(golden, c).Select((mean, t) => Truth(c[t] >= mean))],
            (5, "mean_weight") => [v3.TokenWeights.Average()],
            (5, "holds") => [Truth(v3.TokenWeights.Average() < 1 - 1e-6)],
            (6, "p_conf_code") => Of("bft-v1-code").LowestWindows!,
            (6, "s_code") => Of("bft-v1-code").SequenceWeights,
            (6, "s_paper") => Of("bft-v1-paper").SequenceWeights,
            (6, "strict") => [Truth(Of("bft-v1-code").LowestWindows![0] < Of("bft-v1-paper").LowestWindows![0])],
            (7, "p_conf_v3") => v3.LowestWindows!,
            (7, "p_conf_v3_right") => Right(golden, rows).LowestWindows!,
            (7, "holds") => [Truth(Math.Max(v3.LowestWindows![0], Right(golden, rows).LowestWindows![0]) <= Of("bft-v1-paper").LowestWindows![0] + 1e-12)],
            (6 or 7, "p_conf_paper") => Of("bft-v1-paper").LowestWindows!,
            (9, "mean_confidence") => [c.Average()],
            (9, "constant") => [Truth(Means(golden, c).Max() - Means(golden, c).Min() < 1e-12)],
            (9, "window_confidence") => rows.Spread(Means(golden, c)),
            (_, "token_weight") => rows.Spread(v3.TokenWeights),
            _ => Named(v3, name),
        };
    }

    private static double[] Named(Weighting weighting, string name) => name switch
    {
        "loss" => [weighting.Loss],
        "p_conf" => weighting.LowestWindows!,
        "sequence_weight" => weighting.SequenceWeights,
        "coefficient" => weighting.Coefficients,
        _ => throw new FormatException($"expected.{name} is not known."),
    };

    private static Weighting Weigh(GoldenCase golden, MaskedLogProbs rows, string kind) =>
        Objective.Create(ObjectiveInputs.Options(golden, kind)).Weigh(rows.Take(0, rows.Rows), new(rows.Tokens, rows.Rows));

    private static Weighting Right(GoldenCase golden, MaskedLogProbs rows) =>
        Objective.Create(ObjectiveInputs.Options(golden, "bft-v3") with { WindowAlignment = WindowAlignment.Right })
            .Weigh(rows.Take(0, rows.Rows), new(rows.Tokens, rows.Rows));

    private static double[] Means(GoldenCase golden, double[] confidences)
    {
        var options = ObjectiveInputs.Options(golden, "bft-v3");
        var means = new double[confidences.Length];
        ConfidenceWindows.CentredMeans(confidences, options.ConfidenceWindow, options.WindowAlignment, means);
        return means;
    }

    private static double Epsilon(GoldenCase golden) => ObjectiveInputs.Options(golden, "bft-v3").Epsilon;

    private static double Truth(bool value) => value ? 1 : 0;
}
