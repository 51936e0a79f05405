namespace Bft.Figures.Tests;

/// <summary>One figure of every kind, with numbers that no renderer could guess.</summary>
internal static class Examples
{
    public static readonly string[] Tokens = ["The", " P", "53", " <b>", " &", "\n", " gene", "\ud800", "\u0001", "\"x\"", " ends", "."];

    public static readonly double[] Confidence = [0.9, 0.01, 0.02, 0.03, 0.5, 0.06, 0.07, 0.4, 0.08, 0.09, 0.01, 0.05];

    public static Curve[] Curves(double shift = 0) =>
    [
        new("SFT", "step (steps)", "loss (nats per token)", [0, 10, 20, 35, 50], [3.317, 3.1 + shift, double.NaN, 2.95, 2.913], [3.2, 3.0, double.NaN, 2.9, 2.85], [3.4, 3.2, double.NaN, 3.0, 2.99]),
        new("DFT", "step (steps)", "loss (nats per token)", [0, 10, 20, 35, 50], [3.3, 3.41, 3.52, 3.6123456789, 3.7]),
    ];

    public static Measured[] Values() =>
    [
        Measured.Of("first", "a", 0.41, 0.38, 0.45), Measured.Of("first", "b", 0.52), Measured.Of("second", "a", 1.7, 1.2, 2.4), Measured.Of("second", "b", 0.25, 0.2, 0.31),
        Measured.Of("third & last", "a", Metrics.OddsRatio.Of(3.08, 40, "passages", new Interval(2.43, 4.07))),
    ];

    public static Figure Lines(double shift = 0) => Draw.Lines("Loss falls", "SFT falls, DFT rises.", "Two curves.", Curves(shift), level: 3.3, levelLabel: "base");

    public static Figure Bars() => Draw.Bars("Bars", "set", "accuracy (share)", "They differ.", "Bars.", Values());

    public static Figure Forest() => Draw.Forest("Dots", "odds ratio (ratio)", "They differ.", "Dots.", Values(), reference: 1, referenceLabel: "none", logScale: true);

    public static Figure Histogram() =>
        Draw.Histogram("Shares", "confidence (probability)", "passages (share)", "One lies higher.", "Two histograms.", [new Sample("x", [0.1, 0.2, 0.2, 0.9]), new Sample("y", [0.5, 0.55])], bins: 4);

    public static Figure HeatMap() =>
        Draw.HeatMap("Grid", "threshold", "window (tokens)", "difference (share)", "Blue is more.", "A grid.", [".1", ".2"], ["16", "64", "256"], [[0.1, -0.2], [0.35, double.NaN], [0, 0.05]], middle: 0);

    public static Figure Trace() => Draw.ConfidenceTrace("Trace", "Two runs are low.", "A trace.", Tokens, Confidence, windowMeans: Confidence);

    public static Figure Strip() =>
        Draw.TokenStrip("Strip", "weight (ratio)", "DFT is paler.", "Strips.", Tokens, [new TokenWeights("SFT", [.. Confidence.Select(_ => 1.0)]), new TokenWeights("DFT", Confidence)], perLine: 16);

    public static Figure Grid() => Draw.Grid("Page", "Four views.", "Small multiples.", [Lines(), Bars(), Forest(), Histogram()]);

    public static IEnumerable<TheoryDataRow<string, Func<Figure>>> All() =>
        new (string, Func<Figure>)[]
        {
            ("lines", () => Lines()), ("bars", Bars), ("forest", Forest), ("histogram", Histogram), ("heat map", HeatMap), ("trace", Trace), ("strip", Strip), ("grid", Grid),
        }.Select(entry => new TheoryDataRow<string, Func<Figure>>(entry.Item1, entry.Item2));
}
