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
    /// <exception cref="DataFileException">It is too long, or nothing of it is supervised, or the prefix rule does not fit the template.</exception>
    public TokenizedExample FromConversation(Conversation conversation)
    {
        if (_options.Plain)
            return FromPlain(conversation);
        var chat = _chat ?? throw new InvalidOperationException("Conversations need a chat template.");
        var rendered = chat.Render(conversation.Messages, addGenerationPrompt: false);
        var encoding = _tokenizer.Encode(rendered.Text, addSpecialTokens: false);
        var turns = _supervision switch
        {
            Supervision.GenerationTags => AssistantTurns.BySpans(encoding.Offsets, rendered.GenerationSpans),
            Supervision.PrefixDifference => TurnsByPrefix(conversation, chat, encoding.Ids),
            _ => new int[encoding.Length],
        };
        return Finish(encoding.Ids, turns, conversation.Name);
    }

    /// <summary>Builds the example of a prompt, which is not supervised, and its response, which is. The two are tokenized apart, as they are when the model answers.</summary>
    /// <exception cref="DataFileException">It is too long, or the response has no token.</exception>
    public TokenizedExample FromPrompt(string prompt, string response, string name)
    {
        int[] asked = _tokenizer.Encode(prompt).Ids, answered = _tokenizer.Encode(response, addSpecialTokens: false).Ids;
        if (answered.Length == 0)
            throw new DataFileException(DataProblem.EmptyText, name, "response", "a response", "nothing");
        int[] ids = [.. asked, .. answered, .. End()];
        var turns = new int[ids.Length];
        turns.AsSpan(0, asked.Length).Fill(-1);
        return Finish(ids, turns, name);
    }

    /// <summary>Builds the example of a text, all of it supervised.</summary>
    /// <exception cref="DataFileException">It is too long, or has fewer than two tokens.</exception>
    public TokenizedExample FromText(string text, string name)
    {
        int[] ids = [.. _tokenizer.Encode(text).Ids, .. End()];
        return Finish(ids, new int[ids.Length], name);
    }

    private TokenizedExample FromPlain(Conversation conversation)
    {
        var responses = conversation.Messages.Count(message => message.Role == ChatMessage.Assistant);
        return responses == 1
            ? FromPrompt(string.Join('\n', conversation.Messages.SkipLast(1).Select(message => message.Content)) + "\n", conversation.Messages[^1].Content, conversation.Name)
            : throw new DataFileException(DataProblem.WrongRoleOrder, conversation.Name, "messages", "one response in a plain row", $"{responses}");
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

    /// <summary>The example of ids and turns, cut to length.</summary>
    private TokenizedExample Finish(int[] ids, int[] turns, string name)
    {
        List<DataFileException> remarks = [];
        if (ids.Length > _options.Cutoff)
        {
            remarks.Add(new(DataProblem.TooLong, name, "tokens", $"at most {_options.Cutoff}", $"{ids.Length}"));
            (ids, turns) = (ids[.._options.Cutoff], turns[.._options.Cutoff]);
        }

        var example = new TokenizedExample
        {
            Ids = ids,
            Labels = [.. ids.Zip(turns, (id, turn) => turn < 0 ? NextToken.Ignored : id)],
            Turns = turns,
            Name = name,
            Remarks = remarks,
        };
        if (remarks.Find(remark => _options.Policies.For(remark.Problem) != RowPolicy.Warn) is { } stops)
            throw stops;
        return example.Supervised > 0
            ? example
            : throw new DataFileException(DataProblem.NothingToLearn, name, "tokens", "at least one supervised token", $"none of {ids.Length}{(remarks.Count > 0 ? " after cutting to length" : "")}");
    }

    /// <summary>How responses can be found with a template.</summary>
    private static Supervision Found(IChatRenderer chat) =>
        chat.Render([new("user", "a"), new(ChatMessage.Assistant, "b")], addGenerationPrompt: false).GenerationSpans.Count > 0
            ? Supervision.GenerationTags
            : Supervision.PrefixDifference;

    private int[] TurnsByPrefix(Conversation conversation, IChatRenderer chat, int[] ids)
    {
        var difference = AssistantTurns.ByPrefix(ids, [.. conversation.Messages.Select(message => message.Role == ChatMessage.Assistant)], Render, out var turns);
        return difference is not { } at
            ? turns
            : throw new DataFileException(DataProblem.TemplateMismatch, conversation.Name, $"messages[{at.Message}]", "a rendering that continues the one before it", $"a difference at token {at.Token} (use generation tags)");

        int[] Render(int count, bool prompt) => _tokenizer.Encode(chat.Render([.. conversation.Messages.Take(count)], prompt).Text, addSpecialTokens: false).Ids;
    }
}
