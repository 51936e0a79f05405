namespace Bft.Research.Models.Generation;

/// <summary>Continues prompts token by token with a key-value cache.</summary>
/// <remarks>Reference: <c>generate</c> of Transformers 5 without beam search and stop strings. Prompts of different lengths are padded on the left and masked.</remarks>
public static class Generator
{
    /// <summary>Continues every prompt. No graph is built.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">B prompts of at least one id each; they may differ in length.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Looked at before every token.</param>
    /// <returns>One continuation a prompt, in order.</returns>
    /// <exception cref="ArgumentException">No prompt, an empty prompt, an id outside the vocabulary, or options that contradict themselves.</exception>
    public static IReadOnlyList<Continuation> Generate(
        CausalLm model, IReadOnlyList<IReadOnlyList<long>> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        RequireValid(model, prompts, options);
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var width = prompts.Max(prompt => prompt.Count);
        var rows = prompts.Select((prompt, row) => new GeneratedRow(row, prompt, options)).ToArray();
        using var feed = new PaddedPrompts(model, prompts, width + options.MaxNewTokens);
        var choice = new TokenChoice(options, [.. options.EosTokenIds ?? model.Config.EosTokenIds]);

        for (var step = 0; step < options.MaxNewTokens && rows.Any(row => !row.Ended); step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = torch.NewDisposeScope();
            choice.Choose(feed.NextLogits(rows, step), rows, step);
        }

        return [.. rows.Select(row => row.Result)];
    }

    private static void RequireValid(CausalLm model, IReadOnlyList<IReadOnlyList<long>> prompts, GenerationOptions options)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"The generation options contradict themselves: {string.Join("; ", problems)}.", nameof(options));
        if (prompts.Count == 0)
            throw new ArgumentException("prompts: expected at least one, actual none.", nameof(prompts));
        var vocabulary = model.Config.VocabularySize;
        for (var row = 0; row < prompts.Count; row++)
        {
            if (prompts[row].Count == 0)
                throw new ArgumentException($"prompts: row {row}: expected at least one id, actual none.", nameof(prompts));
            foreach (var id in prompts[row])
                if (id < 0 || id >= vocabulary)
                    throw new ArgumentException($"prompts: row {row}: expected ids from 0 to {vocabulary - 1}, actual {id}.", nameof(prompts));
        }
    }
}
