namespace Bft.Research.Uncertainty;

/// <summary>One passage's part of a statistic: the statistic is Σ numerators / Σ denominators over passages. For a mean over passages the denominator is 1.</summary>
/// <param name="Name">Name of the statistic.</param>
/// <param name="Numerator">Part of the numerator.</param>
/// <param name="Denominator">Part of the denominator.</param>
internal readonly record struct PassagePart(string Name, double Numerator, double Denominator);

/// <summary>Everything that is measured in one passage. Names end in the threshold; <c>own_qNN</c> is the domain's own.</summary>
internal sealed class PassageMeasures
{
    private readonly ScoredPassage _passage;
    private readonly UncertaintyStudy _study;
    private readonly List<PassagePart> _parts = [];

    private PassageMeasures(ScoredPassage passage, UncertaintyStudy study) => (_passage, _study) = (passage, study);

    /// <summary>The parts of a passage, in the same order for every passage of a study.</summary>
    public static IReadOnlyList<PassagePart> Of(ScoredPassage passage, UncertaintyStudy study)
    {
        var measures = new PassageMeasures(passage, study);
        measures.Levels();
        measures.Windows();
        foreach (var (name, threshold) in measures.Thresholds())
            measures.Runs(name, LowRuns.Of(passage.Confidences, threshold));
        measures.RunLengths();
        measures.Words();
        measures.Neighbours();
        foreach (var window in study.Options.Windows)
            measures.Groups(window);
        measures.Weights();
        return measures._parts;
    }

    private UncertaintyStudyOptions Options => _study.Options;

    private string Main => Text(Options.MainThreshold);

    private IEnumerable<(string Name, double Threshold)> Thresholds() =>
        Options.Thresholds.Select(t => (Text(t), t)).Append((Options.OwnName(), _study.OwnThreshold(_passage)));

    private void Levels()
    {
        Mean("mean_confidence", _passage.Confidences);
        Mean("mean_nll", _passage.LogProbs.Select(l => -l));
        foreach (var threshold in Options.Thresholds)
            Mean($"below_{Text(threshold)}", _passage.Confidences.Select(c => c < threshold ? 1.0 : 0));
    }

    private void Windows()
    {
        foreach (var window in Options.Windows)
        {
            var centred = new WindowConfidence(_passage, window, Options.Epsilon);
            Part($"v3_pconf_{window}", centred.Lowest, 1);
            Part($"v1_pconf_{window}", Math.Exp(ConfidenceWindows.LowestFullMean(_passage.LogProbs, window)), 1);
            Mean($"v3_w_{window}", centred.Weights);
        }
    }

    private void Runs(string threshold, LowRuns runs)
    {
        Part($"longest_run_{threshold}", runs.Longest, 1);
        Part($"mean_run_{threshold}", runs.LowCount, runs.Runs.Count);
        Part($"clustering_{threshold}", runs.Pairs, runs.ExpectedPairs);
        Part($"low_share_in_runs_of_3_or_more_{threshold}", runs.InRunsOf(3), runs.LowCount);
        Part($"low_share_in_runs_of_8_or_more_{threshold}", runs.InRunsOf(8), runs.LowCount);
    }

    private void RunLengths()
    {
        var runs = LowRuns.Of(_passage.Confidences, Options.MainThreshold).Runs;
        for (var length = 1; length < 8; length++)
            Part($"run_length_share_{length}_{Main}", runs.Count(run => run == length), runs.Count);
        Part($"run_length_share_8+_{Main}", runs.Count(run => run >= 8), runs.Count);
    }

    private void Words()
    {
        double[] initial = [.. _passage.Confidences.Where((_, t) => _passage.OpensWord[t])];
        Part("tokens_per_word", _passage.Length, _passage.WordConfidences.Length);
        Part("nll_per_character", -_passage.LogProbs.Sum(), _passage.Characters);
        Mean("word_mean_confidence", _passage.WordConfidences);
        Mean($"word_below_{Main}", _passage.WordConfidences.Select(c => c < Options.MainThreshold ? 1.0 : 0));
        Mean("initial_mean_confidence", initial);
        Mean($"initial_below_{Main}", initial.Select(c => c < Options.MainThreshold ? 1.0 : 0));
        var runs = LowRuns.Of(_passage.WordConfidences, Options.MainThreshold);
        Part($"word_longest_run_{Main}", runs.Longest, 1);
        Part($"word_mean_run_{Main}", runs.LowCount, runs.Runs.Count);
        Part($"word_clustering_{Main}", runs.Pairs, runs.ExpectedPairs);
    }

    /// <summary>Low-low pairs of neighbours against what their two margins give by chance, across and inside words.</summary>
    private void Neighbours()
    {
        foreach (var across in new[] { true, false })
        {
            int pairs = 0, firstLow = 0, secondLow = 0, both = 0;
            for (var t = 1; t < _passage.Length; t++)
            {
                if (_passage.OpensWord[t] != across)
                    continue;
                bool first = _passage.Confidences[t - 1] < Options.MainThreshold, second = _passage.Confidences[t] < Options.MainThreshold;
                pairs++;
                firstLow += first ? 1 : 0;
                secondLow += second ? 1 : 0;
                both += first && second ? 1 : 0;
            }

            Part($"pair_clustering_{(across ? "across" : "inside")}_words_{Main}", both, pairs == 0 ? 0 : (double)firstLow * secondLow / pairs);
        }
    }

    private void Groups(int window)
    {
        foreach (var (name, threshold) in Thresholds())
            Share("fixed", window, name, UncertaintyWindow.Cut(_passage.Confidences, 0, threshold, window, window / 2), UncertaintyGroups.Fixed);
        var windows = UncertaintyWindow.Cut(_passage.Confidences, 0, Options.MainThreshold, window, window / 2);
        Share("quantile", window, Main, windows, low => _study.Cuts(window).Classify(low));
    }

    private void Share(string rule, int window, string threshold, IReadOnlyList<UncertaintyWindow> windows, Func<LowConfidence, UncertaintyGroup> classify)
    {
        foreach (var group in new[] { UncertaintyGroup.A, UncertaintyGroup.B })
            Part($"group{group}_{rule}_g{window}_{threshold}", windows.Count(w => classify(w.Low) == group), windows.Count);
    }

    private void Weights()
    {
        var window = Options.Windows[0];
        var weights = new WindowConfidence(_passage, window, Options.Epsilon).Weights;
        int[] low = [.. Enumerable.Range(0, _passage.Length).Where(t => _passage.Confidences[t] < Options.MainThreshold)];
        Part("dft_weight_on_low_tokens", low.Sum(t => _passage.Confidences[t]), low.Length);
        Part($"v3_weight_on_low_tokens_{window}", low.Sum(t => weights[t]), low.Length);
        Part($"v3_over_dft_mean_weight_{window}", weights.Average(), _passage.Confidences.Average());
    }

    private void Mean(string name, IEnumerable<double> values) => Part(name, values.DefaultIfEmpty(double.NaN).Average(), 1);

    private void Part(string name, double numerator, double denominator) => _parts.Add(new(name, numerator, denominator));

    private static string Text(double threshold) => UncertaintyStudyOptions.NameOf(threshold);
}
