using Bft.Research.Tokenization;
using Bft.Results.Display;

namespace Bft.Research.Data;

/// <summary>Which rows an inspection shows.</summary>
public sealed record RowSelection
{
    /// <summary>Most rows that are shown.</summary>
    public int Rows { get; init; } = 3;

    /// <summary>Only the row that begins at this line of the file, from 1; null for any.</summary>
    public int? Line { get; init; }

    /// <summary>Only rows with which this is the matter; null for any.</summary>
    public DataProblem? With { get; init; }

    internal bool Holds(string name, IEnumerable<DataFileException> remarks) =>
        (Line is not { } line || name.EndsWith($":{line}", StringComparison.Ordinal)) && (With is not { } problem || remarks.Any(remark => remark.Problem == problem));
}

/// <summary>A file of conversations as a model will be taught it: some rows with their masks, and a summary of all. Shows itself in a notebook.</summary>
/// <remarks>Nothing is refused here: what the policies would refuse is counted and named.</remarks>
[TypeFormatterSource(typeof(RowInspectionFormatters), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed class RowInspection
{
    private static readonly RowPolicies s_lenient = RowPolicies.SkipUnusable with
    {
        TooLong = RowPolicy.Warn,
        TruncatedEnd = RowPolicy.Warn,
        EndNotTaught = RowPolicy.Warn,
        BoundaryMerge = RowPolicy.Warn,
        UnclosedReasoning = RowPolicy.Warn,
        SpecialToken = RowPolicy.Warn,
        DuplicateId = RowPolicy.Warn,
    };

    private RowInspection(IReadOnlyList<RowView> rows, IReadOnlyList<TokenizedExample> usable, RowSetSummary summary) => (Rows, Usable, Summary) = (rows, usable, summary);

    /// <summary>The rows that are shown.</summary>
    public IReadOnlyList<RowView> Rows { get; }

    /// <summary>All rows that can be used, whatever the policies say about them.</summary>
    public IReadOnlyList<TokenizedExample> Usable { get; }

    /// <summary>The summary of all rows.</summary>
    public RowSetSummary Summary { get; }

    /// <summary>Reads a file as training does.</summary>
    /// <param name="file">JSON Lines or a JSON array.</param>
    /// <param name="tokenizer">Tokenizer of the model.</param>
    /// <param name="chat">Its chat template; not used when the options ask for plain rows.</param>
    /// <param name="options">As for training; null for the defaults.</param>
    /// <param name="selection">Which rows are shown; null for the first three.</param>
    /// <exception cref="DataFileException">The file holds no rows, or none that can be used.</exception>
    public static RowInspection Read(string file, HfTokenizer tokenizer, IChatRenderer? chat, RowOptions? options = null, RowSelection? selection = null)
    {
        options ??= new();
        selection ??= new();
        var report = new DataReport();
        var lenient = options with { Policies = s_lenient };
        var builder = new ExampleBuilder(tokenizer, options.Plain ? null : chat, lenient, report);
        List<TokenizedExample> examples = [];
        List<RowView> views = [];
        foreach (var conversation in ConversationReader.Read(file, lenient, report))
        {
            var (masked, example, remarks) = Build(builder, conversation);
            foreach (var remark in remarks)
                report.Judge(remark, s_lenient);
            if (example is not null)
                examples.Add(example);
            if (masked is not null && views.Count < selection.Rows && selection.Holds(conversation.Name, remarks))
                views.Add(RowView.Of(masked, options.Cutoff, conversation.Name, remarks, tokenizer.IsSpecial));
        }

        return new(views, examples, RowSetSummary.Of(examples, report, options.Policies));
    }

    /// <summary>A conversation as far as it can be built, with all that is the matter.</summary>
    private static (MaskedText? Masked, TokenizedExample? Example, IReadOnlyList<DataFileException> Remarks) Build(ExampleBuilder builder, Conversation conversation)
    {
        MaskedText? masked = null;
        try
        {
            masked = builder.Mask(conversation);
            var example = builder.Finish(masked, conversation.Name);
            return (masked, example, example.Remarks);
        }
        catch (DataFileException bad)
        {
            return (masked, null, [bad]);
        }
    }

    /// <summary>The rows, then the summary.</summary>
    /// <param name="colours">Whether to mark what is taught by colours of a terminal instead of brackets.</param>
    public string ToText(bool colours = false) =>
        string.Concat(Rows.Select(row => row.ToText(colours) + "\n")) + Summary.ToTable().ToText() + (Summary.Problems.Count == 0 ? "" : "\n" + Summary.ToProblemTable().ToText());

    /// <summary>The rows, what the colours mean, then the summary.</summary>
    public string ToHtml() =>
        string.Concat(Rows.Select(row => row.ToHtml())) + RowViewHtml.Legend() + Summary.ToTable().ToHtml() + (Summary.Problems.Count == 0 ? "" : Summary.ToProblemTable().ToHtml());

    private sealed class RowInspectionFormatters
    {
        public IEnumerable<object> CreateTypeFormatters() =>
            [new DisplayFormatter<RowInspection>("text/html", rows => rows.ToHtml()), new DisplayFormatter<RowInspection>("text/plain", rows => rows.ToText())];
    }
}
