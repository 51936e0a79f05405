using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Numerics;

namespace Bft.Research.Evaluation;

/// <summary>Negative log-likelihood of the supervised tokens of a corpus.</summary>
/// <param name="SampleSums">[samples] sum of −log p over the supervised tokens of each sample (nats).</param>
/// <param name="SampleTokens">[samples] supervised tokens of each sample; may be 0.</param>
public sealed record Perplexity(double[] SampleSums, int[] SampleTokens)
{
    /// <summary>Supervised tokens.</summary>
    public long Tokens => SampleTokens.Sum(tokens => (long)tokens);

    /// <summary>Mean −log p over all supervised tokens (nats a token).</summary>
    public double MeanNll => SampleSums.Sum() / Tokens;

    /// <summary>exp(mean −log p).</summary>
    public double Value => Math.Exp(MeanNll);

    /// <summary>Measures a model on batches; no graph is built.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batches">Batches of any shapes; every token counts once, whatever batch it is in.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    /// <exception cref="ArgumentException">No batch has a supervised token.</exception>
    public static Perplexity Measure(CausalLm model, IEnumerable<TokenBatch> batches, CancellationToken cancellationToken = default)
    {
        List<double> sums = [];
        List<int> tokens = [];
        foreach (var batch in batches)
        {
            StopPoint.Pass(cancellationToken);
            var logProbs = LogProbs(model, batch);
            for (var sample = 0; sample < batch.Scored.Samples; sample++)
            {
                var range = batch.Scored.Starts[sample]..batch.Scored.Starts[sample + 1];
                sums.Add(-logProbs[range].Sum());
                tokens.Add(logProbs[range].Length);
            }
        }

        return tokens.Sum() > 0 ? new([.. sums], [.. tokens]) : throw new ArgumentException("batches: expected at least one supervised token, actual none.", nameof(batches));
    }

    /// <summary>[S] log-probabilities (nats) of the supervised tokens of a batch; no graph is built.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">The batch.</param>
    public static double[] LogProbs(CausalLm model, TokenBatch batch)
    {
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        return model.HeadLogProbs(model.Hidden(batch), batch.Scored);
    }
}
