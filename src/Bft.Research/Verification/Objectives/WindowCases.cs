using Bft.Research.Uncertainty;

namespace Bft.Research.Verification.Objectives;

/// <summary>Kind <c>window</c>: sliding means, their spans, and the lowest.</summary>
internal sealed class WindowCases : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "window";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var values = golden.Input("values").Numbers();
        var window = golden.Input("window").GetInt32();
        var alignment = golden.Input("alignment").Text();
        double[] means;
        Func<int, WindowSpan> span;
        if (alignment == "full")
        {
            means = new double[ConfidenceWindows.FullCount(values.Length, window)];
            ConfidenceWindows.FullMeans(values, window, means);
            span = i => ConfidenceWindows.Full(i, values.Length, window);
        }
        else
        {
            var side = ObjectiveInputs.Alignment(alignment);
            means = new double[values.Length];
            ConfidenceWindows.CentredMeans(values, window, side, means);
            span = t => ConfidenceWindows.Centred(t, values.Length, window, side);
        }

        compare.Numbers("means", golden.Expect("means"), means);
        compare.ExactSequence("starts", golden.Expect("starts").Integers(), Enumerable.Range(0, means.Length).Select(i => (long)span(i).Start));
        compare.ExactSequence("lengths", golden.Expect("lengths").Integers(), Enumerable.Range(0, means.Length).Select(i => (long)span(i).Length));
        if (golden.OptionalExpect("minimum") is not { } minimum)
            return;
        compare.Number("minimum", minimum.Number(), means.Min());
        if (alignment == "full")
            compare.Number("lowest full mean", minimum.Number(), ConfidenceWindows.LowestFullMean(values, window));
        var rounding = compare.Tolerance.Absolute + compare.Tolerance.Relative * Math.Abs(minimum.Number());
        if (golden.Expect("gap_to_next").Number() > rounding)
            compare.Exact("argmin among ties", true, golden.Expect("argmin_ties").Integers().Contains(Array.IndexOf(means, means.Min())));
    }
}
