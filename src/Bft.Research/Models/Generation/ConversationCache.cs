namespace Bft.Research.Models.Generation;

/// <summary>Keeps the keys and values of a conversation from turn to turn, so that of each prompt only what differs from the tokens before is computed.</summary>
/// <remarks>
/// A prompt that rewrites earlier turns, as templates do that leave out old reasoning, shares a shorter beginning with what is held; everything behind it is forgotten and computed.
/// Keys and values are those of the model as it was: whoever changes its weights calls <see cref="Clear"/>.
/// </remarks>
internal sealed class ConversationCache(CausalLm model) : IPromptFeed, IDisposable
{
    private readonly KeyValueCache _cache = new(model, 1, 256);
    private readonly List<long> _held = [];
    private IReadOnlyList<long> _prompt = [];

    /// <summary>The model.</summary>
    public CausalLm Model => model;

    /// <summary>Tokens of the prompt that have to be computed.</summary>
    public int New { get; private set; }

    /// <summary>Forgets what is not the beginning of a prompt, and makes room.</summary>
    /// <param name="prompt">The ids of the whole conversation.</param>
    /// <param name="more">Tokens that may follow.</param>
    public void Begin(IReadOnlyList<long> prompt, int more)
    {
        var common = 0;
        while (common < _cache.Length && common < prompt.Count - 1 && _held[common] == prompt[common]) // the last token is computed always: its logits are wanted
            common++;
        _cache.Truncate(common);
        _held.RemoveRange(common, _held.Count - common);
        if (prompt.Count + more > _cache.Capacity)
            _cache.Reserve(Math.Max(prompt.Count + more, 2 * _cache.Capacity));
        (_prompt, New) = (prompt, prompt.Count - common);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _cache.Truncate(0);
        _held.Clear();
    }

    /// <inheritdoc/>
    public Tensor NextLogits(IReadOnlyList<GeneratedRow> rows, int step)
    {
        long[] ids = step == 0 ? [.. _prompt.Skip(_cache.Length)] : [rows[0].Last];
        using var context = model.NewContext(1, ids.Length, cache: _cache);
        var hidden = model.Hidden(torch.tensor(ids, [1, ids.Length], device: model.Device), context);
        _held.AddRange(ids);
        return model.Logits(hidden.select(1, ids.Length - 1));
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();
}
