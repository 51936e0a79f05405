using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>The rows of a file, ready to train on or to measure.</summary>
public sealed class RowSet
{
    /// <summary>Makes a set of examples that are there already.</summary>
    /// <param name="examples">At least one.</param>
    /// <param name="padId">Id put on padding.</param>
    /// <param name="report">Counts of how they came about; null for none.</param>
    /// <exception cref="InvalidDataException">There is no example.</exception>
    public RowSet(IReadOnlyList<TokenizedExample> examples, int padId, DataReport? report = null)
    {
        if (examples.Count == 0)
            throw new InvalidDataException("There is nothing to train on: no rows.");
        Examples = examples;
        PadId = padId;
        Report = report ?? new();
    }

    /// <summary>The rows, in the order of the file.</summary>
    public IReadOnlyList<TokenizedExample> Examples { get; }

    /// <summary>Id put on padding: the tokenizer's padding token, else its end token, else 0. Padding is masked by position, so which it is changes nothing.</summary>
    public int PadId { get; }

    /// <summary>Counts of rows used and left out.</summary>
    public DataReport Report { get; }

    /// <summary>Tokens of all rows.</summary>
    public long Tokens => Examples.Sum(example => (long)example.Length);

    /// <summary>Supervised tokens of all rows.</summary>
    public long Supervised => Examples.Sum(example => (long)example.Supervised);

    /// <summary>Reads conversations from a file and makes them into tokens with labels.</summary>
    /// <param name="file">JSON Lines or a JSON array.</param>
    /// <param name="tokenizer">Tokenizer of the model.</param>
    /// <param name="chat">Its chat template; not used when the options ask for plain rows.</param>
    /// <param name="options">Form, masks, length and policies; null for the defaults.</param>
    /// <param name="limit">Most conversations, from the start of the file; null for all.</param>
    /// <exception cref="DataFileException">A row is refused by policy, or no row can be used.</exception>
    /// <exception cref="ArgumentException">The options are wrong, or there is no template and they need one.</exception>
    public static RowSet Read(string file, HfTokenizer tokenizer, IChatRenderer? chat, RowOptions? options = null, int? limit = null)
    {
        options ??= new();
        if (chat is null && !options.Plain)
            throw new ArgumentException($"chat: expected a chat template, or {nameof(RowOptions.Plain)} rows.", nameof(chat));
        var report = new DataReport();
        var builder = new ExampleBuilder(tokenizer, options.Plain ? null : chat, options, report);
        List<TokenizedExample> examples = [.. builder.FromConversations(ConversationReader.Read(file, options, report).Take(limit ?? int.MaxValue))];
        return examples.Count > 0
            ? new(examples, tokenizer.SpecialTokens.Pad?.Id ?? tokenizer.SpecialTokens.End?.Id ?? 0, report)
            : throw new DataFileException(DataProblem.EmptyFile, $"{file}:1", "file", "at least one row that can be used", $"nothing to train on ({report})");
    }
}
