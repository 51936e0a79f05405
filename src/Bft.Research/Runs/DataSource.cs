using Bft.Research.Data;

namespace Bft.Research.Runs;

/// <summary>A file of conversations and what is its own about it. In run files and on the command line the path alone will do.</summary>
public sealed record DataSource
{
    /// <summary>JSON Lines, or a JSON array.</summary>
    public string File { get; init; } = "";

    /// <summary>How its rows spell a conversation; null for what <see cref="RowOptions.Form"/> says.</summary>
    public ConversationForm? Form { get; init; }

    /// <summary>Names of its fields; null for those of <see cref="RowOptions.Columns"/>.</summary>
    public RowColumns? Columns { get; init; }

    /// <summary>Most rows that are read, from the start of the file; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>All problems; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (File.Length == 0)
            problems.Add($"{nameof(File)}: expected a file, actual nothing");
        if (Limit < 1)
            problems.Add($"{nameof(Limit)}: expected a whole number above 0, actual {Limit}");
        return problems;
    }
}
