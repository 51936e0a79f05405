using System.Buffers;
using Bft.Research.Numerics;
using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>Turns conversations and plain texts into tokens with labels.</summary>
public sealed class ExampleBuilder
{
    private readonly HfTokenizer _tokenizer;
    private readonly IChatRenderer? _chat;
    private readonly RowOptions _options;
    private readonly int? _end;
    private readonly Supervision _supervision;
    private readonly ResponseMask _mask;
    private readonly string[] _specialTokens;
    private readonly SearchValues<string> _anySpecialToken;

    /// <summary>Makes a builder.</summary>
    /// <param name="tokenizer">Tokenizer of the model.</param>
    /// <param name="chat">Chat template; null when only plain texts are built.</param>
    /// <param name="options">Masks, length, policies; null for the defaults.</param>
    /// <param name="report">Receives counts; null for one of its own.</param>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public ExampleBuilder(HfTokenizer tokenizer, IChatRenderer? chat = null, RowOptions? options = null, DataReport? report = null)
    {
        _tokenizer = tokenizer;
        _chat = chat;
        _options = options ?? new();
        if (_options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"Row options: {string.Join("; ", problems)}.", nameof(options));
        Report = report ?? new();
        _end = _options.TeachEnd ? tokenizer.SpecialTokens.End?.Id : null;
        _mask = new(tokenizer, _options);
        _specialTokens = [.. tokenizer.AddedTokens.Where(token => token.Special).Select(token => token.Content).Except([_options.ReasoningOpen, _options.ReasoningClose])];
        _anySpecialToken = SearchValues.Create(_specialTokens, StringComparison.Ordinal);
        _supervision = _options.Supervision == Supervision.ByTemplate && chat is not null ? Found(chat) : _options.Supervision;
    }

    /// <summary>Counts of the rows seen so far.</summary>
    public DataReport Report { get; }

    /// <summary>Builds an example of each conversation, leaving out bad rows when the options say so.</summary>
    /// <exception cref="DataFileException">A row cannot be used and is not to be skipped.</exception>
    public IEnumerable<TokenizedExample> FromConversations(IEnumerable<Conversation> conversations) => Keep(conversations, FromConversation);

    /// <summary>Builds an example of each pair of prompt and response, leaving out bad rows when the options say so.</summary>
    /// <exception cref="DataFileException">A row cannot be used and is not to be skipped.</exception>
    public IEnumerable<TokenizedExample> FromPrompts(IEnumerable<(string Prompt, string Response, string Name)> rows) =>
        Keep(rows, row => FromPrompt(row.Prompt, row.Response, row.Name));

    /// <summary>Builds an example of each text, all of it supervised, as in pretraining.</summary>
    /// <exception cref="DataFileException">A row cannot be used and is not to be skipped.</exception>
    public IEnumerable<TokenizedExample> FromTexts(IEnumerable<(string Text, string Name)> rows) => Keep(rows, row => FromText(row.Text, row.Name));

    /// <summary>Builds the example of a conversation. Special tokens come from the template alone.</summary>
    /// <exception cref="DataFileException">It is refused by policy, or nothing of it is taught, or its rendering does not show where responses are.</exception>
    public TokenizedExample FromConversation(Conversation conversation) => Finish(Mask(conversation), conversation.Name);

    /// <summary>Builds the example of a prompt, which is not supervised, and its response, which is. The two are tokenized apart, as they are when the model answers.</summary>
    /// <exception cref="DataFileException">It is refused by policy, or the response has no token.</exception>
    public TokenizedExample FromPrompt(string prompt, string response, string name) => Finish(Mask(prompt, response, name), name);

    /// <summary>Builds the example of a text, all of it supervised.</summary>
    /// <exception cref="DataFileException">It is refused by policy, or has fewer than two tokens.</exception>
    public TokenizedExample FromText(string text, string name)
    {
        int[] ids = [.. _tokenizer.Encode(text).Ids, .. End()];
        return Finish(new(text, ids, [], new int[ids.Length], [], []), name);
    }

    /// <summary>A conversation as text with its mask, not yet cut to length.</summary>
    internal MaskedText Mask(Conversation conversation)
    {
        if (conversation.Taught is { } taught && taught.Count != conversation.Messages.Count)
            throw new ArgumentException($"Taught: expected {conversation.Messages.Count} entries, one for each message, actual {taught.Count}.", nameof(conversation));
        var masked = _options.Plain ? Plain(conversation) : Rendered(conversation);
        for (var i = 0; i < conversation.Messages.Count; i++)
            if (conversation.Messages[i].Content is var content && content.AsSpan().ContainsAny(_anySpecialToken))
                masked.Remarks.Add(new(DataProblem.SpecialToken, conversation.Name, conversation.Field(i), "text without special tokens of the tokenizer", _specialTokens.First(token => content.Contains(token, StringComparison.Ordinal))));
        return masked;
    }

    /// <summary>The example of a mask, cut to length.</summary>
    internal TokenizedExample Finish(MaskedText masked, string name)
    {
        var (ids, turns) = (masked.Ids, masked.Turns);
        List<DataFileException> remarks = [.. masked.Remarks.DistinctBy(remark => remark.Problem)];
        if (ids.Length > _options.Cutoff)
        {
            remarks.Add(new(DataProblem.TooLong, name, "tokens", $"at most {_options.Cutoff}", $"{ids.Length}"));
            if (masked.Responses.FirstOrDefault(response => response.First < _options.Cutoff && response.Last >= _options.Cutoff) is { } cut)
                remarks.Add(new(DataProblem.TruncatedEnd, name, "tokens", $"the end of every response among the first {_options.Cutoff}", $"one that runs from {cut.First + 1} to {cut.Last + 1}"));
            (ids, turns) = (ids[.._options.Cutoff], turns[.._options.Cutoff]);
        }

        var example = new TokenizedExample
        {
            Ids = ids,
            Labels = [.. ids.Zip(turns, (id, turn) => turn < 0 ? NextToken.Ignored : id)],
            Turns = turns,
            Ends = [.. masked.Responses.Where(response => response.First < ids.Length).Select(response => response.End >= 0 && response.End < ids.Length && turns[response.End] >= 0 ? response.End : -1)],
            Name = name,
            Remarks = remarks,
        };
        if (remarks.Find(remark => _options.Policies.For(remark.Problem) != RowPolicy.Warn) is { } stops)
            throw stops;
        return example.Supervised > 0
            ? example
            : throw new DataFileException(DataProblem.NothingToLearn, name, "tokens", "at least one supervised token", $"none of {ids.Length}{(ids.Length < masked.Ids.Length ? " after cutting to length" : "")}");
    }

    private MaskedText Rendered(Conversation conversation)
    {
        var chat = _chat ?? throw new InvalidOperationException("Conversations need a chat template.");
        try
        {
            var rendered = chat.Render(conversation.Messages, addGenerationPrompt: false, conversation.Tools);
            var spans = ResponseSpans.Of(conversation, rendered, chat, _supervision == Supervision.GenerationTags);
            return _mask.Of(conversation, rendered.Text, _tokenizer.Encode(rendered.Text, addSpecialTokens: false), spans);
        }
        catch (Exception refusal) when (refusal is TemplateException or NotSupportedException)
        {
            throw new DataFileException(DataProblem.TemplateRefuses, conversation.Name, "messages", "a conversation that the chat template renders", refusal.Message);
        }
    }

    private MaskedText Plain(Conversation conversation)
    {
        var responses = conversation.Messages.Count(message => message.Role == ChatMessage.Assistant);
        return responses == 1
            ? Mask(string.Join('\n', conversation.Messages.SkipLast(1).Select(message => message.Content)) + "\n", conversation.Messages[^1].Content, conversation.Name)
            : throw new DataFileException(DataProblem.WrongRoleOrder, conversation.Name, "messages", "one response in a plain row", $"{responses}");
    }

    private MaskedText Mask(string prompt, string response, string name)
    {
        TokenEncoding asked = _tokenizer.Encode(prompt), answered = _tokenizer.Encode(response, addSpecialTokens: false);
        if (answered.Length == 0)
            throw new DataFileException(DataProblem.EmptyText, name, "response", "a response", "nothing");
        var text = prompt + response;
        int border = PyText.Length(prompt), length = PyText.Length(text);
        int[] ids = [.. asked.Ids, .. answered.Ids, .. End()];
        TokenOffset[] offsets = [.. asked.Offsets, .. answered.Offsets.Select(offset => new TokenOffset(offset.Start + border, offset.End + border)), .. End().Select(_ => new TokenOffset(length, length))];
        var turns = new int[ids.Length];
        turns.AsSpan(0, asked.Length).Fill(_options.Teach == TaughtPart.WholeText ? 0 : -1);
        var end = _end is null ? -1 : ids.Length - 1;
        List<DataFileException> remarks = [];
        if (_options.TeachEnd && end < 0)
            remarks.Add(new(DataProblem.EndNotTaught, name, "response", "an end token of the tokenizer", "none"));
        return new(text, ids, offsets, turns, [new(asked.Length, ids.Length - 1, end)], remarks);
    }

    private int[] End() => _end is { } id ? [id] : [];

    private IEnumerable<TokenizedExample> Keep<T>(IEnumerable<T> rows, Func<T, TokenizedExample> build)
    {
        foreach (var row in rows)
        {
            TokenizedExample example;
            try
            {
                example = build(row);
            }
            catch (DataFileException bad)
            {
                Report.Judge(bad, _options.Policies);
                continue;
            }

            foreach (var remark in example.Remarks)
                Report.Judge(remark, _options.Policies);
            Report.Used++;
            yield return example;
        }
    }

    /// <summary>How responses can be found with a template.</summary>
    private static Supervision Found(IChatRenderer chat) =>
        chat.Render([new("user", "a"), new(ChatMessage.Assistant, "b")], addGenerationPrompt: false).GenerationSpans.Count > 0
            ? Supervision.GenerationTags
            : Supervision.PrefixDifference;
}
