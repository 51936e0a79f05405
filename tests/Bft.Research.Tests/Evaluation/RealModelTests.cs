using Bft.Research.Verification;
using Bft.Tests;

namespace Bft.Research.Tests.Evaluation;

/// <summary>The real 135M model against reference values; a part of them, since one core needs minutes for all (<c>bft verify</c> runs all).</summary>
public class RealModelTests
{
    [Fact]
    public void Prompts_texts_and_sentence_vectors_agree()
    {
        SharedFolder.Require("data", "models", "smollm2-135m-instruct");
        string[] ids = ["prompt/plain/00", "text/ncbi_disease/10192393", "minilm/gene-sentences"];
        using var context = new VerificationContext(SharedFolder.Root);
        var outcomes = Verifier.Run(SharedFolder.Require("golden", "real-model"), context, golden => ids.Contains(golden.Id)).ToList();
        Assert.Empty(outcomes.Where(outcome => !outcome.Passed).Select(outcome => $"{outcome.Case.Id}: {string.Join("; ", outcome.Mismatches)}"));
        Assert.Equal(ids.Length, outcomes.Count);
    }
}
