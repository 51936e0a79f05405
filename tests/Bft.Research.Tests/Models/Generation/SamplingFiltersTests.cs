using Bft.Research.Models.Generation;
using Bft.Research.Verification;
using Bft.Tests;

namespace Bft.Research.Tests.Models.Generation;

public class SamplingFiltersTests
{
    private static double[] Logs(params double[] probabilities) => [.. probabilities.Select(p => Math.Log(p))];

    [Fact]
    public void Every_reference_case_of_generation_passes()
    {
        var folder = SharedFolder.Require("golden", "generation");
        using var context = new VerificationContext(SharedFolder.Root);
        var outcomes = Verifier.Run(folder, context).ToList();
        Assert.Empty(outcomes.Where(outcome => !outcome.Passed).Select(outcome => $"{outcome.Case.Id}: {string.Join("; ", outcome.Mismatches)}"));
        Assert.True(outcomes.Count >= 171);
    }

    [Fact]
    public void Top_p_keeps_the_token_that_crosses_the_border()
    {
        var kept = new SamplingFilters { TopP = 0.6 }.Apply(Logs(0.5, 0.25, 0.125, 0.125), []);
        Assert.Equal([2 / 3.0, 1 / 3.0, 0, 0], kept, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.NotEqual(1, kept.Count(p => p > 0)); // the wrong variant stops before the border
    }

    [Fact]
    public void Top_k_keeps_ties() => Assert.Equal(3, new SamplingFilters { TopK = 2 }.Apply([1, 3, 2, 2], []).Count(p => p > 0));

    [Fact]
    public void Min_p_is_relative_to_the_largest() =>
        Assert.Equal([true, true, false], new SamplingFilters { MinP = 0.4 }.Apply(Logs(0.6, 0.25, 0.15), []).Select(p => p > 0));

    [Fact]
    public void Steps_renormalise_before_the_next_one()
    {
        double[] probabilities = [0.4, 0.3, 0.2, 0.1];
        // Without renormalisation after top-k, top-p 0.5 would keep 0.4 and 0.3; of {4/7, 3/7} it keeps one.
        Assert.Equal(1, new SamplingFilters { TopK = 2, TopP = 0.5 }.Apply(Logs(probabilities), []).Count(p => p > 0));
        Assert.Equal(2, new SamplingFilters { TopP = 0.5 }.Apply(Logs(probabilities), []).Count(p => p > 0));
    }

    [Fact]
    public void A_repeated_id_is_penalised_once_and_against_its_sign()
    {
        double[] logits = [2, -2, 0, 1];
        new SamplingFilters { RepetitionPenalty = 2 }.Penalise(logits, [0, 0, 1, 2]);
        Assert.Equal([1, -4, 0, 1], logits);
        Assert.NotEqual([0.5, -4, 0, 1], logits); // the wrong variant counts each occurrence
    }
}
