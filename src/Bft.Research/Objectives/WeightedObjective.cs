namespace Bft.Research.Objectives;

/// <summary>What all objectives of this folder share: sums over samples, and the reduction. How tokens and samples weigh is left to the objective.</summary>
/// <remarks>A token of weight 0 contributes 0 even where −log p is infinite. A sample without tokens contributes 0 and counts as a sample.</remarks>
public abstract class WeightedObjective : IObjective
{
    private protected WeightedObjective(ObjectiveOptions options, string name, Reduction ownReduction)
    {
        var problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException($"Objective options: {string.Join(" ", problems)}", nameof(options));
        Options = options;
        Reduction = options.Reduction ?? ownReduction;
        Name = options.Ablation switch
        {
            Ablation.TokenOnly => $"{name}-token-only",
            Ablation.SequenceOnly => $"{name}-sequence-only",
            _ => name,
        };
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The options in force.</summary>
    public ObjectiveOptions Options { get; }

    /// <summary>The reduction in force.</summary>
    public Reduction Reduction { get; }

    /// <inheritdoc/>
    public Weighting Weigh(TokenLogProbs tokens, BatchTotals totals)
    {
        Require(tokens);
        var weights = new double[tokens.Values.Length];
        var coefficients = new double[weights.Length];
        double[] sequenceWeights = new double[tokens.Samples], lowest = new double[tokens.Samples], losses = new double[tokens.Samples];
        var loss = 0.0;
        for (var i = 0; i < tokens.Samples; i++)
        {
            int start = tokens.Starts[i], count = tokens.Starts[i + 1] - start;
            var logProbs = tokens.Sample(i);
            var turns = tokens.Turns is null ? default : tokens.Turns.AsSpan(start, count);
            (lowest[i], sequenceWeights[i]) = WeighSample(logProbs, turns, weights.AsSpan(start, count));
            var sum = 0.0;
            for (var t = 0; t < count; t++)
                sum += weights[start + t] == 0 ? 0 : weights[start + t] * -logProbs[t];
            losses[i] = count == 0 ? 0 : sum / (count + Options.Epsilon);
            if (count == 0)
                continue;
            var factor = sequenceWeights[i] / Divisor(count, tokens.Samples, totals);
            for (var t = 0; t < count; t++)
                coefficients[start + t] = factor * weights[start + t];
            loss += factor == 0 ? 0 : factor * sum;
        }

        return new()
        {
            Loss = loss,
            Coefficients = coefficients,
            TokenWeights = weights,
            SequenceWeights = sequenceWeights,
            LowestWindows = HasWindows ? lowest : null,
            SequenceLosses = losses,
        };
    }

    /// <summary>Whether the objective has a lowest window.</summary>
    private protected abstract bool HasWindows { get; }

    /// <summary>Writes the token weights of one sample, and answers its lowest window and sequence weight.</summary>
    private protected abstract (double Lowest, double SequenceWeight) WeighSample(
        ReadOnlySpan<double> logProbs, ReadOnlySpan<int> turns, Span<double> weights);

    private double Divisor(int count, int samples, BatchTotals totals) => Reduction switch
    {
        Reduction.PerToken => totals.Tokens,
        Reduction.PerSequence => (count + Options.Epsilon) * totals.Samples,
        Reduction.SumOverMicroBatches => (count + Options.Epsilon) * samples,
        _ => (count + Options.Epsilon) * samples * totals.MicroBatches,
    };

    private void Require(TokenLogProbs tokens)
    {
        if (tokens.Starts.Length == 0 || tokens.Starts[0] != 0 || tokens.Starts[^1] != tokens.Values.Length)
            throw new ArgumentException($"tokens.Starts: expected offsets from 0 to {tokens.Values.Length}, actual [{string.Join(", ", tokens.Starts.Take(8))}].");
        if (tokens.Turns is { } turns && turns.Length != tokens.Values.Length)
            throw new ArgumentException($"tokens.Turns: expected {tokens.Values.Length} entries, actual {turns.Length}.");
        if (HasWindows && Options.WindowScope == WindowScope.Turn && tokens.Turns is null && tokens.Values.Length > 0)
            throw new ArgumentException($"tokens.Turns: {nameof(WindowScope)}.{nameof(WindowScope.Turn)} needs turn numbers, actual null.");
    }
}
