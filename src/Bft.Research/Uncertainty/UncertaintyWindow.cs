namespace Bft.Research.Uncertainty;

/// <summary>What becomes of tokens left over after the last window that fits.</summary>
public enum WindowTail
{
    /// <summary>They are in no window of their own.</summary>
    Drop,

    /// <summary>They get one shorter window, at the next stride.</summary>
    Keep,
}

/// <summary>A window of the uncertainty diagnostic: a stretch of one sequence with its low tokens counted.</summary>
/// <param name="Sequence">Index of the sequence.</param>
/// <param name="Start">Index of the first token of the window.</param>
/// <param name="Low">Its low tokens.</param>
public readonly record struct UncertaintyWindow(int Sequence, int Start, LowConfidence Low)
{
    /// <summary>Cuts one sequence: windows start at 0, stride, 2·stride … while they fit; a sequence no longer than the window is one window, an empty one has none.</summary>
    /// <param name="confidences">[n] probabilities of the reference tokens.</param>
    /// <param name="sequence">Index recorded in the windows.</param>
    /// <param name="threshold">A token is low when its confidence is strictly below.</param>
    /// <param name="window">Tokens of a window, at least 1.</param>
    /// <param name="stride">Tokens from one start to the next, at least 1.</param>
    /// <param name="tail">Whether tokens left over get a shorter window.</param>
    public static IReadOnlyList<UncertaintyWindow> Cut(
        ReadOnlySpan<double> confidences, int sequence, double threshold, int window, int stride, WindowTail tail = WindowTail.Drop)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        var windows = new List<UncertaintyWindow>();
        var n = confidences.Length;
        if (n == 0)
            return windows;
        int start = 0, end;
        do
        {
            end = Math.Min(n, start + window);
            windows.Add(new(sequence, start, LowConfidence.Count(confidences[start..end], threshold)));
            start += stride;
        }
        while (start + window <= n);

        if (tail == WindowTail.Keep && end < n && start < n)
            windows.Add(new(sequence, start, LowConfidence.Count(confidences[start..], threshold)));
        return windows;
    }
}
