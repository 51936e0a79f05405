using Bft.Research.Numerics;
using Bft.Research.Objectives;

namespace Bft.Research.Verification.Objectives;

/// <summary>Kind <c>objective-logits</c> and behaviour 1: loss and gradient with respect to logits, by autograd over the full logits.</summary>
internal sealed class ObjectiveLogitsCases : ICaseRunner
{
    public bool Handles(GoldenCase golden) =>
        golden.Kind == "objective-logits" || (golden.Kind == "behaviour" && golden.Input("number").GetInt32() == 1);

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        var logits = golden.Tensor(golden.Input("logits")).to(context.Dtype, context.Device).requires_grad_(true);
        var scored = Scored(golden);
        var totals = ObjectiveInputs.Totals(golden, scored.Count, scored.Samples, 1);
        var (loss, weighting) = FullLogits.Loss(logits, scored, Objective.Create(ObjectiveInputs.Options(golden)), totals);
        loss.backward();

        if (golden.OptionalExpect("loss") is { } expectedLoss)
        {
            compare.Number("loss", expectedLoss.Number(), weighting.Loss);
            compare.Number("loss in the graph", expectedLoss.Number(), loss.to(torch.ScalarType.Float64).item<double>());
        }

        compare.Numbers("grad_logits", golden.Numbers(golden.Expect("grad_logits")), Values(logits.grad!));
        if (golden.OptionalExpect("token_weight") is { } weights)
            compare.Numbers("token_weight", weights, Spread(scored, weighting.TokenWeights));
        if (golden.OptionalExpect("coefficient") is { } coefficients)
            compare.Numbers("coefficient", coefficients, Spread(scored, weighting.Coefficients));
        if (golden.OptionalExpect("p_conf") is { } lowest)
            compare.Numbers("p_conf", lowest, weighting.LowestWindows);
        if (golden.OptionalExpect("sequence_weight") is { } sequenceWeights)
            compare.Numbers("sequence_weight", sequenceWeights, weighting.SequenceWeights);
    }

    /// <summary>The labels of a case, aligned.</summary>
    public static ScoredPositions Scored(GoldenCase golden)
    {
        var labels = golden.Input("labels").IntegerRows();
        return NextToken.Align(labels.SelectMany(row => row).ToArray(), labels.Length, labels[0].Length);
    }

    /// <summary>All elements in float64, row-major.</summary>
    public static double[] Values(Tensor tensor) => [.. tensor.detach().to(torch.ScalarType.Float64).cpu().contiguous().data<double>()];

    private static double[] Spread(ScoredPositions scored, double[] values)
    {
        var spread = new double[scored.Rows * scored.Length];
        for (var i = 0; i < values.Length; i++)
            spread[scored.Positions[i]] = values[i];
        return spread;
    }
}
