using Bft.Research.Verification;
using Bft.Tests;

namespace Bft.Research.Tests.Training;

/// <summary>Reference gradients, and one run of each kind that needs only its own final weights. <c>bft verify</c> runs all of them.</summary>
public class TrainingReferenceTests
{
    private static readonly string[] s_runs =
    [
        "trajectory/tiny-llama/lora/bft-v3-g8/wd-0.0/1x8",
        "trajectory/tiny-qwen2/lora/bft-v1-code-g8/wd-0.0/8x1/released-sum",
        "trajectory/tiny-qwen2/full/sft/wd-0.01/1x8",
        "trajectory/tiny-qwen2/full/sft/wd-0.1/1x8/norms-not-decayed",
    ];

    [Fact]
    public void Gradients_agree()
    {
        torch.set_num_threads(1);
        var file = SharedFolder.Require("golden", "trajectories", "gradients.json");
        using var context = new VerificationContext(SharedFolder.Root);
        Assert.All(Verifier.Read(file), golden => Assert.Empty(Verifier.Run(golden, context).Mismatches));
    }

    [Fact]
    public void Runs_of_sixteen_steps_agree()
    {
        torch.set_num_threads(1);
        var file = SharedFolder.Require("golden", "trajectories", "trajectories.json");
        using var context = new VerificationContext(SharedFolder.Root);
        var cases = Verifier.Read(file).Where(golden => s_runs.Contains(golden.Id)).ToList();
        Assert.Equal(s_runs.Length, cases.Count);
        Assert.All(cases, golden => Assert.Empty(Verifier.Run(golden, context).Mismatches));
    }

    [Fact]
    public void A_wrong_objective_is_noticed()
    {
        torch.set_num_threads(1);
        var file = SharedFolder.Require("golden", "trajectories", "gradients.json");
        using var context = new VerificationContext(SharedFolder.Root);
        var golden = Verifier.Read(file).Single(c => c.Id == "gradient/tiny-llama/lora/bft-v3-g8");
        var wrong = System.Text.Json.JsonDocument.Parse(golden.Inputs.GetRawText().Replace("bft-v3", "bft-v1-paper", StringComparison.Ordinal)).RootElement;
        Assert.NotEmpty(Verifier.Run(golden with { Inputs = wrong }, context).Mismatches);
    }
}
