using Bft.Research.Numerics;
using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>Turns conversations and plain texts into tokens with labels.</summary>
public sealed class ExampleBuilder
{
    private readonly HfTokenizer _tokenizer;
    private readonly IChatRenderer? _chat;
    private readonly ExampleOptions _options;
    private readonly int? _end;

    /// <summary>Makes a builder.</summary>
    /// <param name="tokenizer">Tokenizer of the model.</param>
    /// <param name="chat">Chat template; null when only plain texts are built.</param>
    /// <param name="options">Supervision, length, policy.</param>
    /// <exception cref="ArgumentException">The options are wrong, or an end token is wanted and the tokenizer has none.</exception>
    public ExampleBuilder(HfTokenizer tokenizer, IChatRenderer? chat = null, ExampleOptions? options = null)
    {
        _tokenizer = tokenizer;
        _chat = chat;
        _options = options ?? new();
        var problems = _options.Validate().ToList();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        _end = _options.AppendEnd ? tokenizer.SpecialTokens.End?.Id : null;
    }

    /// <summary>Counts of the rows seen so far.</summary>
    public DataReport Report { get; } = new();

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
        var chat = _chat ?? throw new InvalidOperationException("Conversations need a chat template.");
        var rendered = chat.Render(conversation.Messages, addGenerationPrompt: false);
        var encoding = _tokenizer.Encode(rendered.Text, addSpecialTokens: false);
        var turns = _options.Supervision switch
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
            catch (DataFileException bad) when (_options.BadRows == BadRows.Skip)
            {
                Report.Skip(bad);
                continue;
            }

            Report.Used++;
            if (example.Truncated)
                Report.Truncated++;
            yield return example;
        }
    }

    private TokenizedExample Finish(int[] ids, int[] turns, string name)
    {
        var truncated = ids.Length > _options.MaxLength;
        if (truncated && _options.LongRows == LongRows.Bad)
            throw new DataFileException(DataProblem.TooLong, name, "tokens", $"at most {_options.MaxLength}", $"{ids.Length}");
        if (truncated)
            (ids, turns) = (ids[.._options.MaxLength], turns[.._options.MaxLength]);
        var example = new TokenizedExample
        {
            Ids = ids,
            Labels = [.. ids.Zip(turns, (id, turn) => turn < 0 ? NextToken.Ignored : id)],
            Turns = turns,
            Name = name,
            Truncated = truncated,
        };
        return example.Supervised > 0
            ? example
            : throw new DataFileException(DataProblem.NothingToLearn, name, "tokens", "at least one supervised token", $"none of {ids.Length}{(truncated ? " after cutting to length" : "")}");
    }

    private int[] TurnsByPrefix(Conversation conversation, IChatRenderer chat, int[] ids)
    {
        var difference = AssistantTurns.ByPrefix(ids, [.. conversation.Messages.Select(message => message.Role == ChatMessage.Assistant)], Render, out var turns);
        return difference is not { } at
            ? turns
            : throw new DataFileException(DataProblem.TemplateMismatch, conversation.Name, $"messages[{at.Message}]", "a rendering that continues the one before it", $"a difference at token {at.Token} (use generation tags)");

        int[] Render(int count, bool prompt) => _tokenizer.Encode(chat.Render([.. conversation.Messages.Take(count)], prompt).Text, addSpecialTokens: false).Ids;
    }
}
