using System.Globalization;
using Bft.Research.Objectives;

namespace Bft.Research.Verification.Objectives;

/// <summary>Kind <c>objectives-on-log-probs</c>: several objectives on the stored log-probabilities of one batch; names are <c>objective</c> or <c>objective:window</c>.</summary>
internal sealed class ObjectivesOnLogProbsCases : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "objectives-on-log-probs";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var tokens = Tokens(golden);
        foreach (var expected in golden.Expected.EnumerateObject())
        {
            var parts = expected.Name.Split(':');
            var options = new ObjectiveOptions
            {
                Kind = parts[0] switch
                {
                    "sft" => ObjectiveKind.Sft,
                    "dft" => ObjectiveKind.Dft,
                    "v1-code" => ObjectiveKind.BftV1Code,
                    "v1-paper" => ObjectiveKind.BftV1Paper,
                    "v3" => ObjectiveKind.BftV3,
                    _ => throw new FormatException($"expected.{expected.Name} is not known."),
                },
                ConfidenceWindow = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 256,
                Epsilon = golden.OptionalInput("eps")?.GetDouble() ?? 1e-8,
            };
            var weighting = Objective.Create(options).Weigh(tokens, new(tokens.Values.Length, tokens.Samples));
            compare.Number(expected.Name, expected.Value.Number(), weighting.Loss);
        }
    }

    private static TokenLogProbs Tokens(GoldenCase golden)
    {
        double[] logProbs = golden.Numbers(golden.Input("log_probs")), mask = golden.Numbers(golden.Input("mask"));
        var shape = golden.Shape(golden.Input("log_probs"));
        List<double> values = [];
        List<int> starts = [0];
        for (var b = 0; b < shape[0]; b++)
        {
            for (var at = b * shape[1]; at < (b + 1) * shape[1]; at++)
                if (mask[at] != 0)
                    values.Add(logProbs[at]);
            starts.Add(values.Count);
        }

        return new([.. values], [.. starts]);
    }
}
