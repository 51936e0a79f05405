using Bft.Research.Checkpoints;
using Bft.Research.Tokenization;

namespace Bft.Research.Models.Generation;

/// <summary>The ids at which a model's text ends.</summary>
public static class EndTokens
{
    /// <summary>Those of <c>generation_config.json</c> where the folder has one that names some, else those of config.json; and in both cases the tokenizer's end token.</summary>
    /// <param name="folder">Folder of the model and its tokenizer.</param>
    /// <param name="config">The model's configuration.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <exception cref="CheckpointException">The file is broken.</exception>
    public static IReadOnlyList<long> Of(string folder, CausalLmConfig config, HfTokenizer tokenizer)
    {
        var file = Path.Combine(folder, GenerationFile.Name);
        var stated = File.Exists(file) ? ConfigFields.Read(file).Ids("eos_token_id") : [];
        IEnumerable<long> end = tokenizer.SpecialTokens.End is { } token ? [token.Id] : [];
        return [.. (stated.Count > 0 ? stated : config.EosTokenIds).Concat(end).Distinct()];
    }
}
