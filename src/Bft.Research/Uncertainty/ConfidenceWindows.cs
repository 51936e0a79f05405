using System.Buffers;

namespace Bft.Research.Uncertainty;

/// <summary>Where a window of even length g lies around its token; for odd g the two are the same.</summary>
public enum WindowAlignment
{
    /// <summary>Tokens t − ⌊g/2⌋ … t − ⌊g/2⌋ + g − 1.</summary>
    Left,

    /// <summary>Tokens t − ⌊(g−1)/2⌋ … t − ⌊(g−1)/2⌋ + g − 1.</summary>
    Right,
}

/// <summary>A window of consecutive tokens.</summary>
/// <param name="Start">Index of its first token.</param>
/// <param name="Length">Number of its tokens.</param>
public readonly record struct WindowSpan(int Start, int Length);

/// <summary>Sliding means over the tokens of one sequence: the windows of BFT, used to weigh the loss and to look at it.</summary>
/// <remarks>
/// Two families. <b>Full</b> windows have stride 1 and length g, none is partial; a sequence shorter than g is one window (v1: <c>_lowest_group_confidence</c> of the
/// released code). <b>Centred</b> windows lie around every token and are clipped at the ends (v3: C_t).
/// Sums are never differences of prefix sums: a window of at most g tokens is the tail of one block of g tokens plus the head of the next, so small means keep their
/// relative accuracy beside large values, −∞ stays −∞, and a mean of non-negative values is never negative. Cost is O(n) whatever g is.
/// </remarks>
public static class ConfidenceWindows
{
    /// <summary>Number of full windows of a sequence: 0 when it is empty, 1 when it is shorter than the window, else n − g + 1.</summary>
    public static int FullCount(int length, int window) => length == 0 ? 0 : Math.Max(1, length - Positive(window) + 1);

    /// <summary>The full window with number <paramref name="index"/>.</summary>
    public static WindowSpan Full(int index, int length, int window) => new(index, Math.Min(Positive(window), length));

    /// <summary>The centred window of token <paramref name="position"/>, clipped to the sequence.</summary>
    public static WindowSpan Centred(int position, int length, int window, WindowAlignment alignment)
    {
        var before = alignment == WindowAlignment.Left ? Positive(window) / 2 : (Positive(window) - 1) / 2;
        var start = Math.Max(0, position - before);
        var end = (int)Math.Min(length, (long)position - before + window);
        return new(start, end - start);
    }

    /// <summary>Means of all full windows, in order.</summary>
    /// <param name="values">[n] confidences, or log-probabilities in nats.</param>
    /// <param name="window">g, at least 1.</param>
    /// <param name="means">[<see cref="FullCount"/>] receives the means.</param>
    public static void FullMeans(ReadOnlySpan<double> values, int window, Span<double> means)
    {
        Require(nameof(means), FullCount(values.Length, window), means.Length);
        using var sums = new BlockSums(values, window);
        for (var i = 0; i < means.Length; i++)
            means[i] = sums.Mean(Full(i, values.Length, window));
    }

    /// <summary>Means of the centred windows, one a token.</summary>
    /// <param name="values">[n] confidences.</param>
    /// <param name="window">g, at least 1.</param>
    /// <param name="alignment">Where an even window lies.</param>
    /// <param name="means">[n] receives C_t.</param>
    public static void CentredMeans(ReadOnlySpan<double> values, int window, WindowAlignment alignment, Span<double> means)
    {
        Require(nameof(means), values.Length, means.Length);
        using var sums = new BlockSums(values, window);
        for (var t = 0; t < means.Length; t++)
            means[t] = sums.Mean(Centred(t, values.Length, window, alignment));
    }

    /// <summary>Smallest mean of the full windows; +∞ for an empty sequence, NaN when a value is NaN.</summary>
    public static double LowestFullMean(ReadOnlySpan<double> values, int window)
    {
        using var sums = new BlockSums(values, window);
        var lowest = double.PositiveInfinity;
        for (int i = 0, count = FullCount(values.Length, window); i < count; i++)
            lowest = Math.Min(lowest, sums.Mean(Full(i, values.Length, window)));
        return lowest;
    }

    private static int Positive(int window) =>
        window >= 1 ? window : throw new ArgumentOutOfRangeException(nameof(window), window, "window: expected at least 1 token.");

    private static void Require(string name, int expected, int actual)
    {
        if (expected != actual)
            throw new ArgumentException($"{name}: expected {expected} entries, actual {actual}.", name);
    }

    /// <summary>Sums from the start, and to the end, of each block of g tokens.</summary>
    private readonly ref struct BlockSums : IDisposable
    {
        private readonly double[] _heads;
        private readonly double[] _tails;
        private readonly int _block;

        public BlockSums(ReadOnlySpan<double> values, int window)
        {
            var n = values.Length;
            _block = Math.Max(1, Math.Min(Positive(window), n));
            _heads = ArrayPool<double>.Shared.Rent(n);
            _tails = ArrayPool<double>.Shared.Rent(n);
            for (var start = 0; start < n; start += _block)
            {
                var end = Math.Min(start + _block, n);
                var sum = 0.0;
                for (var i = start; i < end; i++)
                    _heads[i] = sum += values[i];
                sum = 0.0;
                for (var i = end - 1; i >= start; i--)
                    _tails[i] = sum += values[i];
            }
        }

        /// <summary>Mean of a window that has at most g tokens and, if fewer, touches an end of the sequence.</summary>
        public double Mean(WindowSpan window)
        {
            int first = window.Start, last = window.Start + window.Length - 1;
            var firstBlock = first / _block;
            var sum = first == firstBlock * _block && last < first + _block ? _heads[last]
                : last / _block == firstBlock ? _tails[first]
                : _tails[first] + _heads[last];
            return sum / window.Length;
        }

        public void Dispose()
        {
            ArrayPool<double>.Shared.Return(_heads);
            ArrayPool<double>.Shared.Return(_tails);
        }
    }
}
