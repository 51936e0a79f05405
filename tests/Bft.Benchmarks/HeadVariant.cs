using Bft.Research.Objectives;

namespace Bft.Benchmarks;

/// <summary>The variants: each is one step from hidden states to gradients.</summary>
internal static class HeadVariant
{
    /// <summary>Names; <c>-trained</c> means that the head's weight gets a gradient as well, <c>-kept</c> that all logits may be kept between the two passes.</summary>
    public static readonly string[] Names =
    [
        "released-frozen", "full-frozen", "tiles-frozen", "tiles-frozen-sft", "released-trained", "full-trained", "tiles-trained", "tiles-trained-sft", "tiles-trained-kept",
    ];

    /// <summary>A step of the variant; gradients are cleared first.</summary>
    public static Action Step(string name, HeadProblem problem)
    {
        var hidden = problem.Hidden.requires_grad_(true);
        var weight = problem.Weight.requires_grad_(name.Contains("trained", StringComparison.Ordinal));
        var labels = torch.tensor(problem.Labels, [problem.Scored.Rows, problem.Scored.Length]);
        var objective = Objective.Create(new() { Kind = name.EndsWith("sft", StringComparison.Ordinal) ? ObjectiveKind.Sft : ObjectiveKind.BftV3 });
        BatchTotals totals = new(problem.Scored.Count, problem.Scored.Samples);
        var options = new LmHeadOptions();
        if (name.EndsWith("kept", StringComparison.Ordinal))
            options = options with { KeptLogits = long.MaxValue };
        return () =>
        {
            using var scope = torch.NewDisposeScope();
            hidden.grad = null;
            weight.grad = null;
            if (name.StartsWith("tiles", StringComparison.Ordinal))
                LmHead.Backward(hidden, weight, null, problem.Scored, objective, totals, options);
            else if (name.StartsWith("full", StringComparison.Ordinal))
                FullLogits.Loss(torch.nn.functional.linear(hidden, weight), problem.Scored, objective, totals).Loss.backward();
            else
                ReleasedAlgorithm.Loss(torch.nn.functional.linear(hidden, weight), labels).backward();
        };
    }
}
