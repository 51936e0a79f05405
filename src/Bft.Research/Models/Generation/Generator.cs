using Bft.Research.Numerics;
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
        var made = Rows(prompts, options ??= new());
        foreach (var _ in Stream(model, prompts, options, made, cancellationToken))
        {
        }

        return [.. made.Select(row => row.Result)];
    }

    /// <summary>Continues every prompt and gives each token as soon as it is chosen; the same tokens as <see cref="Generate"/>. No graph is built and no dispose scope is open while the caller works.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">B prompts of at least one id each; they may differ in length.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Looked at before every token.</param>
    /// <returns>Tokens in the order in which they are chosen: step by step, of each step row by row. What is not asked for is not computed.</returns>
    /// <exception cref="ArgumentException">No prompt, an empty prompt, an id outside the vocabulary, or options that contradict themselves; thrown when the first token is asked for.</exception>
    public static IEnumerable<GeneratedToken> Stream(
        CausalLm model, IReadOnlyList<IReadOnlyList<long>> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream(model, prompts, options ??= new(), Rows(prompts, options), cancellationToken);

    private static GeneratedRow[] Rows(IReadOnlyList<IReadOnlyList<long>> prompts, GenerationOptions options) => [.. prompts.Select((prompt, row) => new GeneratedRow(row, prompt, options))];

    /// <summary>As the public overload for one prompt, of which only what a conversation does not hold is computed.</summary>
    internal static IEnumerable<GeneratedToken> Stream(ConversationCache conversation, IReadOnlyList<long> prompt, GenerationOptions options, CancellationToken cancellationToken)
    {
        RequireValid(conversation.Model, [prompt], options);
        conversation.Begin(prompt, options.MaxNewTokens);
        foreach (var token in Steps(conversation.Model, conversation, options, Rows([prompt], options), cancellationToken))
            yield return token;
    }

    private static IEnumerable<GeneratedToken> Stream(
        CausalLm model, IReadOnlyList<IReadOnlyList<long>> prompts, GenerationOptions options, GeneratedRow[] rows, CancellationToken cancellationToken)
    {
        RequireValid(model, prompts, options);
        using var feed = new PaddedPrompts(model, prompts, prompts.Max(prompt => prompt.Count) + options.MaxNewTokens);
        foreach (var token in Steps(model, feed, options, rows, cancellationToken))
            yield return token;
    }

    private static IEnumerable<GeneratedToken> Steps(CausalLm model, IPromptFeed feed, GenerationOptions options, GeneratedRow[] rows, CancellationToken cancellationToken)
    {
        var choice = new TokenChoice(options, [.. options.EosTokenIds ?? model.Config.EosTokenIds]);
        for (var step = 0; step < options.MaxNewTokens; step++)
        {
            StopPoint.Pass(cancellationToken);
            GeneratedRow[] open = [.. rows.Where(row => !row.Ended)];
            if (open.Length == 0)
                yield break;
            Advance(feed, choice, rows, step);
            foreach (var row in open)
                yield return new(row.Index, row.Last, row.LastLogProb, row.Ended);
        }
    }

    private static void Advance(IPromptFeed feed, TokenChoice choice, GeneratedRow[] rows, int step)
    {
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        choice.Choose(feed.NextLogits(rows, step), rows, step);
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
