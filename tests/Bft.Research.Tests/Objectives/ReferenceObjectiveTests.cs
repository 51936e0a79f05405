using Bft.Research.Objectives;
using Bft.Research.Verification;
using Bft.Tests;

namespace Bft.Research.Tests.Objectives;

public class ReferenceObjectiveTests
{
    [Theory]
    [InlineData("objective")]
    [InlineData("window")]
    [InlineData("uncertainty")]
    [InlineData("behaviour")]
    [InlineData("lm-head")]
    [InlineData("objective-logits")]
    public void Every_reference_case_agrees(string kind)
    {
        var folder = SharedFolder.Require("golden", "objectives");
        using var context = new VerificationContext(SharedFolder.Root);
        var outcomes = Verifier.Run(folder, context, golden => golden.Kind == kind).ToList();
        Assert.NotEmpty(outcomes);
        Assert.Empty(outcomes.Where(o => !o.Passed).Select(o => $"{o.Case.Id}: {string.Join("; ", o.Mismatches)}"));
    }

    [Fact]
    public void A_wrong_window_alignment_is_noticed()
    {
        var folder = SharedFolder.Require("golden", "objectives");
        var golden = Verifier.Read(Path.Combine(folder, "table-1.4.json")).Single(c => c.Id == "table-1.4/bft-v3/Bq/window-4");
        var logProbs = golden.Input("logprobs").Numbers();
        double Loss(ObjectiveOptions options) =>
            Objective.Create(options).Weigh(new(logProbs, [0, logProbs.Length]), new(logProbs.Length, 1)).Loss;
        var expected = golden.Expect("loss").Number();
        Assert.Equal(expected, Loss(new() { ConfidenceWindow = 4 }), 1e-12);
        Assert.NotEqual(expected, Loss(new() { ConfidenceWindow = 4, WindowAlignment = Research.Uncertainty.WindowAlignment.Right }), 1e-3);
        Assert.NotEqual(expected, Loss(new() { ConfidenceWindow = 3 }), 1e-3);
    }
}
