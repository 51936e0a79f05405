namespace Bft.Results;

/// <summary>
/// Numbers printed by others for the experiments that this project repeats. Of the BFT paper (arXiv 2511.21075) no number is known here: those entries say so.
/// </summary>
public static class PublishedValues
{
    private const string HealthBenchSource = "HealthBench paper (arXiv 2505.08775), Consensus subset, read second-hand";
    private const string GeneAgentSource = "GeneAgent, Nature Methods 22:1677 (2025)";
    private const string CellWorldSource = "VCWorld (arXiv 2512.00306), author replies to reviews";
    private const string GenePtSource = "GenePT repository, gene-property notebooks";
    private const string BftSource = "BFT (arXiv 2511.21075): only abstracts and digests were available";

    /// <summary>Every entry, known or not.</summary>
    public static IReadOnlyList<PublishedValue> All { get; } =
        [.. HealthBench(), .. GeneAgent(), .. CellWorld(), .. GenePt(), .. Bft()];

    /// <summary>The entry of one experiment, system and metric.</summary>
    /// <returns>The entry; for one that is not listed, a "not known" that says so.</returns>
    public static PublishedValue Find(string experiment, string system, string metric) =>
        All.FirstOrDefault(entry => entry.Experiment == experiment && entry.System == system && entry.Metric == metric)
        ?? PublishedValue.NotKnown(experiment, system, metric, system.StartsWith("BFT", StringComparison.Ordinal) ? BftSource : "no printed number found");

    /// <summary>Entries of one experiment.</summary>
    public static IReadOnlyList<PublishedValue> Of(string experiment) => [.. All.Where(entry => entry.Experiment == experiment)];

    private static IEnumerable<PublishedValue> HealthBench()
    {
        (string System, double Score)[] scores =
        [
            ("GPT-4.1", .9398), ("Grok 3", .9372), ("o3", .9282), ("Gemini 2.5 Pro", .9189), ("o1", .9154),
            ("GPT-4o (Aug 2024)", .8867), ("Claude 3.7", .8814), ("Llama 4 Maverick", .8391), ("GPT-3.5", .7509),
        ];
        return scores.Select(entry => new PublishedValue("healthbench-consensus", entry.System, "healthbench", entry.Score, HealthBenchSource, Note: "3,671 conversations, graded by GPT-4.1"));
    }

    private static IEnumerable<PublishedValue> GeneAgent() =>
    [
        new("gene-set-naming-msigdb", "GPT-4", "rouge-l", .239, GeneAgentSource, .038, "56 sets"),
        new("gene-set-naming-msigdb", "GeneAgent", "rouge-l", .310, GeneAgentSource, .047, "56 sets"),
        PublishedValue.NotKnown("gene-set-naming-go", "GeneAgent", "rouge-l", GeneAgentSource + ": mean not available"),
        PublishedValue.NotKnown("gene-set-naming-nest", "GeneAgent", "rouge-l", GeneAgentSource + ": mean not available"),
    ];

    private static IEnumerable<PublishedValue> CellWorld()
    {
        PublishedValue Accuracy(string experiment, string system, double value, string note) => new(experiment, system, "accuracy", value, CellWorldSource, Note: note);
        return
        [
            Accuracy("perturbation-de", "VCWorld with Gemini-2.5-Flash", .68, "about; mean over five cell lines"),
            Accuracy("perturbation-dir", "VCWorld with Gemini-2.5-Flash", .68, "about; mean over five cell lines"),
            Accuracy("perturbation-de", "VCWorld without biological context", .51, "about"),
            Accuracy("perturbation-de", "VCWorld without chain of thought", .59, "about"),
            Accuracy("perturbation-de", "VCWorld with Llama-3-8B", .37, ""),
            Accuracy("perturbation-dir", "VCWorld with Llama-3-8B", .56, ""),
            Accuracy("perturbation-de-c32", "VCWorld with Llama-3.1-8B", .37, "cell line C32"),
            Accuracy("perturbation-de-c32", "VCWorld with Qwen2.5-14B", .65, "cell line C32"),
            Accuracy("perturbation-de-c32", "VCWorld with Gemini", .70, "cell line C32"),
        ];
    }

    private static IEnumerable<PublishedValue> GenePt()
    {
        (string Task, double Logistic, double LogisticSd, double Forest, double ForestSd)[] tasks =
        [
            ("long-short-range-tf", .726, .261, .635, .070), ("dosage-sensitivity", .889, .030, .899, .031),
            ("bivalent-vs-non-methylated", .912, .062, .922, .059), ("bivalent-vs-lys4-only", .941, .034, .952, .036),
        ];
        foreach (var task in tasks)
        {
            yield return new("gene-property-" + task.Task, "GenePT, logistic regression", "auroc", task.Logistic, GenePtSource, task.LogisticSd, "mean and sd over 5 folds");
            yield return new("gene-property-" + task.Task, "GenePT, random forest", "auroc", task.Forest, GenePtSource, task.ForestSd, "mean and sd over 5 folds");
        }

        yield return new("gene-type", "GenePT", "accuracy", .956, GenePtSource, Note: "30 % test part");
    }

    private static IEnumerable<PublishedValue> Bft()
    {
        (string Experiment, string Metric)[] unknown =
        [
            ("uncertainty-diagnostic", "low-share"), ("uncertainty-diagnostic", "longest-run"), ("uncertainty-diagnostic", "group-b-share"), ("uncertainty-diagnostic", "odds-ratio"),
            ("healthbench-consensus", "healthbench"), ("forgetting", "accuracy"), ("gene-set-naming-go", "rouge-l"), ("gene-set-naming-nest", "rouge-l"), ("gene-set-naming-msigdb", "rouge-l"),
            ("perturbation-de", "accuracy"), ("perturbation-dir", "accuracy"), ("grpo-sparse-reward", "mean-reward"), ("gene-interaction", "auroc"), ("cell-representation", "macro-f1"),
            ("perturbation-response", "de-score"), ("mathematics", "accuracy"),
        ];
        return unknown.Select(entry => PublishedValue.NotKnown(entry.Experiment, "BFT", entry.Metric, BftSource));
    }
}
