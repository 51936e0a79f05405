using Bft.Research.Tokenization;

namespace Bft.Research.Models.Generation;

/// <summary>A conversation with a model through its chat template, turn by turn. Keys and values are kept: of each turn only the tokens are computed that were not there before.</summary>
/// <remarks>Whoever changes weights of the model, or its adapter, begins anew with <see cref="Reset"/>.</remarks>
/// <param name="model">The model with whatever adapter it carries; not owned.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="template">Its chat template.</param>
/// <param name="options">How answers are drawn; the seed counts up by one a turn.</param>
public sealed class ChatSession(CausalLm model, HfTokenizer tokenizer, IChatRenderer template, GenerationOptions options) : IDisposable
{
    private readonly List<ChatMessage> _messages = [];
    private readonly ConversationCache _cache = new(model);
    private ulong _turn;

    /// <summary>The turns so far.</summary>
    public IReadOnlyList<ChatMessage> Messages => _messages;

    /// <summary>Tokens of the prompt that was last sent; beyond <see cref="CausalLmConfig.MaxPositions"/> the model is outside of what it was made for.</summary>
    public int PromptTokens { get; private set; }

    /// <summary>How many of <see cref="PromptTokens"/> were computed; the rest was held since the turn before.</summary>
    public int ComputedTokens { get; private set; }

    /// <summary>Forgets all turns.</summary>
    /// <param name="system">System turn of what follows; null for none (some templates then have one of their own).</param>
    public void Reset(string? system = null)
    {
        _messages.Clear();
        _cache.Clear();
        if (!string.IsNullOrWhiteSpace(system))
            _messages.Add(new("system", system));
    }

    /// <summary>Says something; the answer comes in pieces of whole characters while it is made. Both turns count once the answer has been read to its end.</summary>
    /// <param name="text">The user's turn.</param>
    /// <param name="cancellationToken">Looked at before every token.</param>
    /// <exception cref="ArgumentException">The text is empty; thrown when the first piece is asked for.</exception>
    /// <exception cref="TemplateException">The template refuses the conversation.</exception>
    public IEnumerable<string> Say(string text, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new ArgumentException("text: expected something to answer, actual nothing.", nameof(text));
        ChatMessage asked = new("user", text);
        long[] prompt = [.. tokenizer.Encode(template.Render([.. _messages, asked], addGenerationPrompt: true).Text, addSpecialTokens: false).Ids.Select(id => (long)id)];
        PromptTokens = prompt.Length;
        var stream = new TokenTextStream(tokenizer);
        List<string> answer = [];
        foreach (var token in Generator.Stream(_cache, prompt, options with { Seed = options.Seed + _turn }, cancellationToken))
        {
            ComputedTokens = _cache.New;
            if (stream.Add((int)token.Id) is { Length: > 0 } piece)
            {
                answer.Add(piece);
                yield return piece;
            }
        }

        if (stream.Finish() is { Length: > 0 } rest)
        {
            answer.Add(rest);
            yield return rest;
        }

        _turn++;
        _messages.Add(asked);
        _messages.Add(new(ChatMessage.Assistant, string.Concat(answer)));
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();
}
