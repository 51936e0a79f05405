using Bft.Research.Models;
using Bft.Research.Models.Generation;
using Bft.Research.Tokenization;

namespace Bft.Cli;

/// <summary>A model that is ready to use, with what belongs to it.</summary>
/// <param name="Folder">Where its tokenizer and template are.</param>
/// <param name="Model">The model.</param>
/// <param name="Adapter">The adapter it carries, or null.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
internal sealed record OpenModel(string Folder, CausalLm Model, LoraAdapter? Adapter, HfTokenizer Tokenizer) : IDisposable
{
    public IReadOnlyList<long> Ends => EndTokens.Of(Folder, Model.Config, Tokenizer);

    public ChatTemplate Template() => ChatTemplate.Load(Folder);

    public void Dispose()
    {
        Adapter?.Dispose();
        Model.Dispose();
    }
}
