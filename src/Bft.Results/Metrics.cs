namespace Bft.Results;

/// <summary>The registry of metrics: one entry for each number that tables and manifests may hold.</summary>
public static class Metrics
{
    private const string Ratio = "1";

    /// <summary>Share of right answers.</summary>
    public static Metric Accuracy { get; } = Up("accuracy", "Accuracy", Ratio, "Right answers divided by all answers; for tokens, positions whose most probable token is the target.");

    /// <summary>Unweighted mean of the F1 scores of the classes.</summary>
    public static Metric MacroF1 { get; } = Up("macro-f1", "Macro-F1", Ratio, "Mean over classes of 2·precision·recall / (precision + recall), each class counted alike.");

    /// <summary>Area under the ROC curve.</summary>
    public static Metric Auroc { get; } = Up("auroc", "AUROC", Ratio, "Probability that a random positive scores above a random negative; ties count one half.");

    /// <summary>Area under the precision-recall curve.</summary>
    public static Metric Auprc { get; } = Up("auprc", "AUPRC", Ratio, "Sum over ranks of precision times the step in recall.");

    /// <summary>Negative log-likelihood.</summary>
    public static Metric Nll { get; } = Down("nll", "Negative log-likelihood", "nats per token", "Mean of −ln p(target) over scored tokens.");

    /// <summary>Exponential of the negative log-likelihood.</summary>
    public static Metric Perplexity { get; } = Down("perplexity", "Perplexity", Ratio, "exp of the mean negative log-likelihood per scored token.");

    /// <summary>Mean probability of the target token.</summary>
    public static Metric MeanConfidence { get; } = Plain("mean-confidence", "Mean confidence", Ratio, "Mean over scored tokens of the probability given to the target token.");

    /// <summary>Share of tokens below the confidence threshold.</summary>
    public static Metric LowShare { get; } = Plain("low-share", "Share of low-confidence tokens", Ratio, "Scored tokens whose confidence lies below the threshold, divided by all scored tokens.");

    /// <summary>Mean length of a run of low-confidence tokens.</summary>
    public static Metric MeanRun { get; } = Plain("mean-run", "Mean run of low-confidence tokens", "tokens", "Mean length of the maximal stretches of neighbouring low-confidence tokens.");

    /// <summary>Longest run of low-confidence tokens.</summary>
    public static Metric LongestRun { get; } = Plain("longest-run", "Longest run of low-confidence tokens", "tokens", "Length of the longest stretch of neighbouring low-confidence tokens in a text, averaged over texts.");

    /// <summary>How much closer together low-confidence tokens lie than by chance.</summary>
    public static Metric Clustering { get; } = Plain("clustering", "Clustering of low-confidence tokens", Ratio, "Neighbouring low pairs observed, divided by the number expected if the low tokens of each text were shuffled; 1 is chance.");

    /// <summary>Share of windows of group A.</summary>
    public static Metric GroupAShare { get; } = Plain("group-a-share", "Share of group A windows", Ratio, "Windows with few and isolated low-confidence tokens, divided by all windows.");

    /// <summary>Share of windows of group B.</summary>
    public static Metric GroupBShare { get; } = Plain("group-b-share", "Share of group B windows", Ratio, "Windows with many and contiguous low-confidence tokens, divided by all windows.");

    /// <summary>Confidence of the weakest window.</summary>
    public static Metric LowestWindow { get; } = Plain("lowest-window", "Confidence of the lowest window", Ratio, "Smallest sliding-window mean of token confidence in a text, averaged over texts.");

    /// <summary>Odds ratio of an enrichment.</summary>
    public static Metric OddsRatio { get; } = Plain("odds-ratio", "Odds ratio", Ratio, "Odds of the property inside the group divided by the odds outside it; 1 is no enrichment.");

    /// <summary>Weight that an objective gives a token.</summary>
    public static Metric MeanWeight { get; } = Plain("mean-weight", "Mean token weight", Ratio, "Mean over scored tokens of the factor that the objective puts before −ln p.");

    /// <summary>Expected calibration error.</summary>
    public static Metric CalibrationError { get; } = Down("calibration-error", "Expected calibration error", Ratio, "Mean gap between top probability and accuracy over probability bins, weighted by bin size.");

    /// <summary>Norm of the gradient before clipping.</summary>
    public static Metric GradientNorm { get; } = Plain("gradient-norm", "Gradient norm", Ratio, "Euclidean norm of all trained parameters' gradients before clipping.");

    /// <summary>Mean reward of sampled completions.</summary>
    public static Metric MeanReward { get; } = Up("mean-reward", "Mean reward", Ratio, "Mean of the reward over sampled completions.");

    /// <summary>Success of the best of n samples.</summary>
    public static Metric BestOfN { get; } = Up("best-of-n", "Best of n", Ratio, "Prompts with at least one right answer among n samples, divided by all prompts (unbiased estimate).");

    /// <summary>ROUGE-L F measure.</summary>
    public static Metric RougeL { get; } = Up("rouge-l", "ROUGE-L", Ratio, "F measure of the longest common subsequence of words between proposed and reference name.");

    /// <summary>Share of rubric points won.</summary>
    public static Metric HealthBench { get; } = Up("healthbench", "HealthBench score", Ratio, "Rubric points earned divided by points possible, averaged over conversations and clipped to [0, 1].");

    /// <summary>Differential-expression score.</summary>
    public static Metric DeScore { get; } = Up("de-score", "Differential-expression score", Ratio, "Overlap of predicted with true differentially expressed genes, over the smaller set.");

    /// <summary>Perturbation discrimination score.</summary>
    public static Metric PerturbationDiscrimination { get; } = Up("perturbation-discrimination", "Perturbation discrimination", Ratio, "One minus the mean rank of the true perturbation among all by distance to the prediction.");

    /// <summary>Mean absolute error.</summary>
    public static Metric MeanAbsoluteError { get; } = Down("mean-absolute-error", "Mean absolute error", "log expression", "Mean over genes of |predicted − true| of log-normalised expression.");

    /// <summary>Training throughput.</summary>
    public static Metric TokensPerSecond { get; } = Up("tokens-per-second", "Throughput", "tokens per second", "Tokens processed divided by seconds of the measured steps.");

    /// <summary>Largest memory in use.</summary>
    public static Metric PeakMemory { get; } = Down("peak-memory", "Peak memory", "GiB", "Largest device memory held during the measured steps.");

    /// <summary>Every registered metric, by identifier.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        Accuracy, MacroF1, Auroc, Auprc, Nll, Perplexity, MeanConfidence, LowShare, MeanRun, LongestRun, Clustering, GroupAShare, GroupBShare, LowestWindow, OddsRatio,
        MeanWeight, CalibrationError, GradientNorm, MeanReward, BestOfN, RougeL, HealthBench, DeScore, PerturbationDiscrimination, MeanAbsoluteError, TokensPerSecond, PeakMemory,
    ];

    /// <summary>The metric with this identifier.</summary>
    /// <exception cref="KeyNotFoundException">No metric has it.</exception>
    public static Metric Get(string id) =>
        All.FirstOrDefault(metric => metric.Id == id)
        ?? throw new KeyNotFoundException($"No metric is called '{id}'. Known: {string.Join(", ", All.Select(metric => metric.Id))}.");

    private static Metric Up(string id, string name, string unit, string definition) => new(id, name, unit, Direction.HigherIsBetter, definition);

    private static Metric Down(string id, string name, string unit, string definition) => new(id, name, unit, Direction.LowerIsBetter, definition);

    private static Metric Plain(string id, string name, string unit, string definition) => new(id, name, unit, Direction.Neither, definition);
}
