namespace Bft.Research.Uncertainty;

/// <summary>The centred (v3, left-aligned) window means of a passage, the lowest of them, and the token weights they give.</summary>
public sealed class WindowConfidence
{
    /// <summary>Slides the window over a passage.</summary>
    /// <param name="passage">Scored text.</param>
    /// <param name="window">g in tokens.</param>
    /// <param name="epsilon">Stabiliser of the weight.</param>
    public WindowConfidence(ScoredPassage passage, int window, double epsilon = 1e-8)
    {
        Means = new double[passage.Length];
        ConfidenceWindows.CentredMeans(passage.Confidences, window, WindowAlignment.Left, Means);
        Lowest = Means.Min();
        Weights = [.. passage.Confidences.Zip(Means, (confidence, mean) => Weight(confidence, mean, epsilon))];
    }

    /// <summary>[n] C_t.</summary>
    public double[] Means { get; }

    /// <summary>[n] w_t.</summary>
    public double[] Weights { get; }

    /// <summary>p_conf, the smallest C_t.</summary>
    public double Lowest { get; }

    /// <summary>BFT's v3 token weight: min(1, c / (C + ε)), or min(1, c / (C · (1 + ε))) when the stabiliser is relative; 0 where the divisor is 0.</summary>
    public static double Weight(double confidence, double mean, double epsilon, bool relative = false)
    {
        var divisor = relative ? mean * (1 + epsilon) : mean + epsilon;
        return divisor == 0 ? 0 : Math.Min(1, confidence / divisor);
    }
}
