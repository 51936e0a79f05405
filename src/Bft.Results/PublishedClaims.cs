namespace Bft.Results;

/// <summary>A direction that the paper states without a number that is known here.</summary>
/// <param name="Id">Short lasting name.</param>
/// <param name="Experiment">Experiment it belongs to, as in <see cref="PublishedValues"/>.</param>
/// <param name="Sentence">The direction in our words.</param>
/// <param name="Source">Where it is stated.</param>
public sealed record PublishedClaim(string Id, string Experiment, string Sentence, string Source);

/// <summary>What the BFT paper claims, as directions. A reproduction can agree or disagree with these, not with numbers.</summary>
public static class PublishedClaims
{
    private const string FirstVersion = "arXiv 2511.21075v1, abstract";
    private const string ThirdVersion = "arXiv 2511.21075v3, abstract";

    /// <summary>Every claim.</summary>
    public static IReadOnlyList<PublishedClaim> All { get; } =
    [
        new("dense-low", "uncertainty-diagnostic", "Biomedical text holds long runs of low-confidence tokens, general text scattered ones; the long runs are rich in entities and causal words.", "digest of arXiv 2511.21075v3"),
        new("medical", "healthbench-consensus", "BFT beats SFT on medical questions.", FirstVersion),
        new("shared-setup", "healthbench-consensus", "Under one shared training set-up BFT gains more steadily than SFT and DFT.", ThirdVersion),
        new("forgetting", "forgetting", "BFT loses less general ability than SFT.", "digests of arXiv 2511.21075v1"),
        new("sizes", "healthbench-consensus", "The gain is seen at 14B, 32B and 70B.", "digest of arXiv 2511.21075v1"),
        new("gene-sets", "gene-set-naming-msigdb", "BFT is as good as GeneAgent, or better, at naming gene sets.", "abstracts of arXiv 2511.21075v1 and v2"),
        new("backbone", "gene-set-naming-msigdb", "As the backbone of GeneAgent, BFT at 70B beats GPT-4o.", ThirdVersion),
        new("perturbation", "perturbation-de", "As the backbone of VCWorld, BFT at 70B beats Gemini-2.5-Flash.", ThirdVersion),
        new("grpo", "grpo-sparse-reward", "GRPO with sparse rewards improves models trained with BFT and degrades those trained with SFT or DFT.", ThirdVersion),
        new("embeddings", "gene-interaction", "Embeddings of entity texts written by BFT beat domain foundation models.", "arXiv 2511.21075v2, abstract"),
        new("mathematics", "mathematics", "On mathematics BFT is on a par with reinforcement learning.", "one literature note on arXiv 2511.21075v1"),
    ];

    /// <summary>The claim with this identifier.</summary>
    /// <exception cref="KeyNotFoundException">No claim has it.</exception>
    public static PublishedClaim Get(string id) =>
        All.FirstOrDefault(claim => claim.Id == id)
        ?? throw new KeyNotFoundException($"No published claim is called '{id}'. Known: {string.Join(", ", All.Select(claim => claim.Id))}.");
}
