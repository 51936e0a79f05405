using Bft.Research.Evaluation;
using Bft.Research.Models;
using Bft.Research.Tokenization;
using Bft.Research.Uncertainty;
using Bft.Research.Verification;
using Bft.Research.Verification.Uncertainty;
using Bft.Tests;

namespace Bft.Research.Tests.Evaluation;

public class PassageScorerTests
{
    [Fact]
    public void A_real_model_gives_the_stored_log_probabilities()
    {
        var folder = SharedFolder.Require("golden", "real-model");
        var path = SharedFolder.Require("data", "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");
        using var context = new VerificationContext(SharedFolder.Root);
        var golden = Verifier.Read(Path.Combine(folder, "e1.json")).Single(c => c.Kind == "e1-per-passage");
        var stored = UncertaintyStudyCases.Scored(golden, context).MinBy(p => p.Length)!;
        using var model = CausalLm.Load(path, torch.ScalarType.Float32);
        var tokenizer = HfTokenizer.Load(Path.GetDirectoryName(path)!);

        ScoredPassage Score(string separator, int length) =>
            new PassageScorer(model, tokenizer, separator, length).Score([stored.Passage]).Single();
        const int tokens = 24;
        var scored = Score("<|endoftext|>", tokens);
        Assert.Equal(tokens, scored.Length);
        Assert.Equal(stored.OpensWord[..tokens], scored.OpensWord);
        Assert.All(stored.LogProbs.Zip(scored.LogProbs), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        Assert.NotEqual(stored.LogProbs[0], Score("<|im_start|>", 1).LogProbs[0], 1e-2); // the wrong variant: another token in front
        Assert.True(scored.Characters < stored.Characters);
        Assert.StartsWith(scored.Passage.Text, stored.Passage.Text);
    }
}
