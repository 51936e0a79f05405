namespace Bft.Research.Models;

/// <summary>How rotary frequencies are stretched beyond the length a model was trained on.</summary>
public enum RotaryKind
{
    /// <summary>Not at all.</summary>
    Default,

    /// <summary>Every frequency is divided by the factor.</summary>
    Linear,

    /// <summary>Low frequencies are divided by the factor, high ones stay, those between are blended by wavelength (Llama 3.1).</summary>
    Llama3,

    /// <summary>A ramp over dimensions blends divided and unchanged frequencies; cos and sin are scaled (Peng et al. 2023, YaRN).</summary>
    Yarn,
}

/// <summary>Rotary position embedding: frequencies in radians a position, computed in float64.</summary>
public sealed record RotaryConfig
{
    /// <summary>Kind of scaling.</summary>
    public RotaryKind Kind { get; init; } = RotaryKind.Default;

    /// <summary>Base θ of the frequencies θ^(−2i/head width).</summary>
    public double Theta { get; init; } = 10000;

    /// <summary>Stretch factor; unused by <see cref="RotaryKind.Default"/>.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Length in positions that the model was trained on; used by <see cref="RotaryKind.Llama3"/> and <see cref="RotaryKind.Yarn"/>.</summary>
    public int OriginalMaxPositions { get; init; } = 1;

    /// <summary>Llama 3: wavelengths above original length / this are divided by the factor.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Llama 3: wavelengths below original length / this stay.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>YaRN: rotations over the original length at which the ramp starts.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>YaRN: rotations over the original length at which the ramp ends.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>YaRN: factor on cos and sin; null for 0.1 ln(factor) + 1 or the quotient of the two scales below.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>YaRN: numerator scale, counts only together with <see cref="ScaleAllDimensions"/>.</summary>
    public double? Scale { get; init; }

    /// <summary>YaRN: denominator scale, counts only together with <see cref="Scale"/>.</summary>
    public double? ScaleAllDimensions { get; init; }

    /// <summary>YaRN: whether the borders of the ramp are rounded outwards to whole dimensions.</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>Factor on cos and sin.</summary>
    public double AttentionScaling
    {
        get
        {
            if (Kind != RotaryKind.Yarn)
                return 1;
            if (AttentionFactor is { } given)
                return given;
            return Scale is { } scale && ScaleAllDimensions is { } all && scale != 0 && all != 0 ? Magnitude(scale) / Magnitude(all) : Magnitude(1);
        }
    }

    /// <summary>Everything that is wrong with these values; empty when nothing is.</summary>
    public IEnumerable<string> Validate()
    {
        if (!(Theta > 0))
            yield return $"rope_theta: expected a number above 0, actual {Theta}";
        if (!(Factor > 0))
            yield return $"rope factor: expected a number above 0, actual {Factor}";
        if (Kind is RotaryKind.Llama3 or RotaryKind.Yarn && OriginalMaxPositions < 1)
            yield return $"original_max_position_embeddings: expected a whole number above 0, actual {OriginalMaxPositions}";
        if (Kind == RotaryKind.Llama3 && !(0 < LowFrequencyFactor && LowFrequencyFactor < HighFrequencyFactor))
            yield return $"low_freq_factor: expected a number above 0 and below high_freq_factor {HighFrequencyFactor}, actual {LowFrequencyFactor}";
        if (Kind == RotaryKind.Yarn && !(0 < BetaSlow && BetaSlow <= BetaFast))
            yield return $"beta_slow: expected a number above 0 and at most beta_fast {BetaFast}, actual {BetaSlow}";
        if (Kind == RotaryKind.Yarn && Theta == 1)
            yield return "rope_theta: expected a base other than 1 for yarn, actual 1";
    }

    /// <summary>[width / 2] frequencies in radians a position.</summary>
    /// <param name="width">Width of a head; even.</param>
    public double[] InverseFrequencies(int width)
    {
        var plain = new double[width / 2];
        for (var i = 0; i < plain.Length; i++)
            plain[i] = 1 / Math.Pow(Theta, 2.0 * i / width);
        return Kind switch
        {
            RotaryKind.Linear => [.. plain.Select(f => f / Factor)],
            RotaryKind.Llama3 => [.. plain.Select(BlendByWavelength)],
            RotaryKind.Yarn => BlendByRamp(plain, width),
            _ => plain,
        };
    }

    private double BlendByWavelength(double frequency)
    {
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < OriginalMaxPositions / HighFrequencyFactor)
            return frequency;
        if (wavelength > OriginalMaxPositions / LowFrequencyFactor)
            return frequency / Factor;
        var share = (OriginalMaxPositions / wavelength - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return (1 - share) * frequency / Factor + share * frequency;
    }

    private double[] BlendByRamp(double[] plain, int width)
    {
        double low = DimensionOf(BetaFast, width), high = DimensionOf(BetaSlow, width);
        if (Truncate)
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, width - 1));
        if (low == high)
            high += 0.001; // as the reference does: a step instead of a division by zero
        var blended = new double[plain.Length];
        for (var i = 0; i < plain.Length; i++)
        {
            var unchanged = 1 - Math.Clamp((i - low) / (high - low), 0, 1);
            blended[i] = plain[i] / Factor * (1 - unchanged) + plain[i] * unchanged;
        }

        return blended;
    }

    /// <summary>The (fractional) dimension whose frequency makes so many rotations over the original length.</summary>
    private double DimensionOf(double rotations, int width) =>
        width * Math.Log(OriginalMaxPositions / (rotations * 2 * Math.PI)) / (2 * Math.Log(Theta));

    private double Magnitude(double scale) => Factor <= 1 ? 1 : 0.1 * scale * Math.Log(Factor) + 1;
}
