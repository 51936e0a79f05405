using Bft.Research.Numerics;

namespace Bft.Research.Objectives;

/// <summary>What the next-token distribution says about each scored token, for evaluation.</summary>
/// <param name="LogProbs">[S] log p of the target (nats).</param>
/// <param name="Entropies">[S] entropy of the distribution (nats).</param>
/// <param name="Ranks">[S] number of ids with a larger logit than the target.</param>
/// <param name="Best">[S] id with the largest logit.</param>
public sealed record LmHeadStatistics(double[] LogProbs, double[] Entropies, int[] Ranks, long[] Best)
{
    /// <summary>Measures all scored tokens. Tiles hold all of the vocabulary and as many tokens as fit <see cref="LmHeadOptions"/>, at least one.</summary>
    /// <param name="hidden">[B,T,D] states after the final norm.</param>
    /// <param name="weight">[V,D] of the same dtype.</param>
    /// <param name="bias">[V] or null.</param>
    /// <param name="scored">Tokens to score.</param>
    /// <param name="options">Tile sizes.</param>
    /// <exception cref="ArgumentException">A shape, dtype, target or option does not fit.</exception>
    public static LmHeadStatistics Measure(Tensor hidden, Tensor weight, Tensor? bias, ScoredPositions scored, LmHeadOptions? options = null) =>
        Measure(hidden, weight, bias, scored, options, null);

    /// <summary>As the public overload, for a head with a low-rank update.</summary>
    internal static LmHeadStatistics Measure(Tensor hidden, Tensor weight, Tensor? bias, ScoredPositions scored, LmHeadOptions? options, HeadUpdate? update)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        options ??= new();
        var vocabulary = (int)weight.shape[0];
        var tokensATile = (int)Math.Clamp((long)options.TokenChunk * options.VocabularyChunk / Math.Max(1, vocabulary), 1, Math.Max(1, options.TokenChunk));
        var whole = options.Validate().Count > 0 ? options : options with { TokenChunk = tokensATile, VocabularyChunk = vocabulary };
        var tiles = new HeadTiles(hidden, weight, bias, scored, whole, update);
        List<double> logProbs = [], entropies = [];
        List<int> ranks = [];
        List<long> best = [];
        foreach (var tokens in tiles.TokenChunks)
        {
            using var tile = torch.NewDisposeScope();
            var logits = tiles.Logits(tokens, (0, vocabulary));
            var targets = tiles.Targets.narrow(0, tokens.Start, tokens.Length).unsqueeze(1);
            ranks.AddRange((logits > logits.gather(1, targets)).sum(1).to(torch.ScalarType.Int32).cpu().data<int>());
            best.AddRange(logits.argmax(1).cpu().data<long>());
            entropies.AddRange(torch.special.entr(torch.nn.functional.softmax(logits, 1)).sum(1).to(torch.ScalarType.Float64).cpu().data<double>());
            var softmax = new RunningSoftmax(tiles, tokens);
            softmax.Add(logits, (0, vocabulary), null);
            logProbs.AddRange(softmax.Finish().LogProbs.cpu().data<double>());
        }

        return new([.. logProbs], [.. entropies], [.. ranks], [.. best]);
    }
}
