using Bft.Research.Objectives;
using Bft.Research.Uncertainty;

namespace Bft.Research.Verification.Objectives;

/// <summary>Kind <c>objective</c>: objectives from log-probabilities, in managed float64.</summary>
internal sealed class ObjectiveCases : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "objective";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var rows = new MaskedLogProbs(golden);
        var options = ObjectiveInputs.Options(golden);
        var microBatches = ObjectiveInputs.MicroBatches(golden, rows.Rows);
        var totals = ObjectiveInputs.Totals(golden, rows.Tokens, rows.Rows, microBatches.Length);
        var (loss, parts) = rows.Weigh(Objective.Create(options), microBatches, totals);

        compare.Number("loss", golden.Expect("loss").Number(), loss);
        compare.Numbers("token_weight", golden.Expect("token_weight"), rows.Spread([.. parts.SelectMany(p => p.TokenWeights)]));
        compare.Numbers("coefficient", golden.Expect("coefficient"), rows.Spread([.. parts.SelectMany(p => p.Coefficients)]));
        compare.Numbers("sequence_loss", golden.Expect("sequence_loss"), [.. parts.SelectMany(p => p.SequenceLosses)]);
        var all = rows.Take(0, rows.Rows);
        compare.Numbers("confidence", golden.Expect("confidence"), rows.Spread([.. all.Values.Select(Math.Exp)]));
        if (golden.OptionalExpect("p_conf") is { } lowest)
            compare.Numbers("p_conf", lowest, [.. parts.SelectMany(p => p.LowestWindows!)]);
        if (golden.OptionalExpect("sequence_weight") is { } weights)
            compare.Numbers("sequence_weight", weights, [.. parts.SelectMany(p => p.SequenceWeights)]);
        if (golden.OptionalExpect("window_confidence") is { } windows)
        {
            double[] means = [.. WindowMeans(all, options)];
            compare.Numbers("window_confidence", windows, options.Kind == ObjectiveKind.BftV3 ? rows.Spread(means) : means);
        }
    }

    /// <summary>The window means that the objective takes the lowest of, sample by sample and turn by turn.</summary>
    private static IEnumerable<double> WindowMeans(TokenLogProbs tokens, ObjectiveOptions options)
    {
        for (var i = 0; i < tokens.Samples; i++)
        {
            var (start, end) = (tokens.Starts[i], tokens.Starts[i + 1]);
            while (start < end)
            {
                var next = start + 1;
                while (next < end && (options.WindowScope == WindowScope.Sequence || tokens.Turns![next] == tokens.Turns[start]))
                    next++;
                foreach (var mean in Means(tokens.Values[start..next], options))
                    yield return mean;
                start = next;
            }
        }
    }

    private static double[] Means(double[] logProbs, ObjectiveOptions options)
    {
        double[] confidences = [.. logProbs.Select(Math.Exp)];
        if (options.Kind == ObjectiveKind.BftV3)
        {
            var centred = new double[logProbs.Length];
            ConfidenceWindows.CentredMeans(confidences, options.ConfidenceWindow, options.WindowAlignment, centred);
            return centred;
        }

        var means = new double[ConfidenceWindows.FullCount(logProbs.Length, options.ConfidenceWindow)];
        var geometric = options.Kind == ObjectiveKind.BftV1Code;
        ConfidenceWindows.FullMeans(geometric ? logProbs : confidences, options.ConfidenceWindow, means);
        return geometric ? [.. means.Select(Math.Exp)] : means;
    }
}
