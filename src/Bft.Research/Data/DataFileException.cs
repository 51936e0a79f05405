namespace Bft.Research.Data;

/// <summary>What can be wrong with a row of a data file.</summary>
public enum DataProblem
{
    /// <summary>The file, or a line of it, is not JSON.</summary>
    BrokenJson,

    /// <summary>The file holds no row.</summary>
    EmptyFile,

    /// <summary>A line between rows is empty.</summary>
    EmptyLine,

    /// <summary>A field is missing.</summary>
    MissingField,

    /// <summary>A field has another type than it should.</summary>
    WrongType,

    /// <summary>A prompt or response holds nothing but white space.</summary>
    EmptyText,

    /// <summary>Turns do not alternate as they should.</summary>
    WrongRoleOrder,

    /// <summary>The row has more tokens than allowed.</summary>
    TooLong,

    /// <summary>No token of the row is supervised.</summary>
    NothingToLearn,

    /// <summary>The chat template rewrites earlier turns, so that the prefix rule cannot tell which tokens a turn adds.</summary>
    TemplateMismatch,
}

/// <summary>A row of a data file that cannot be used.</summary>
/// <param name="problem">What is wrong.</param>
/// <param name="row">Where: file and line, as <c>file:line</c>.</param>
/// <param name="field">Which field, for example <c>messages[2].role</c>.</param>
/// <param name="expected">What should be there.</param>
/// <param name="actual">What is there.</param>
public sealed class DataFileException(DataProblem problem, string row, string field, string expected, string actual)
    : Exception($"{row}: {field}: expected {expected}, actual {actual}.")
{
    /// <summary>What is wrong.</summary>
    public DataProblem Problem { get; } = problem;

    /// <summary>File and line.</summary>
    public string Row { get; } = row;

    /// <summary>The field.</summary>
    public string Field { get; } = field;

    /// <summary>What should be there.</summary>
    public string Expected { get; } = expected;

    /// <summary>What is there.</summary>
    public string Actual { get; } = actual;
}

/// <summary>What happens to a row that cannot be used.</summary>
public enum BadRows
{
    /// <summary>Reading stops with an error.</summary>
    Refuse,

    /// <summary>The row is left out and counted.</summary>
    Skip,
}

/// <summary>Counts of rows that were used and of rows that were not.</summary>
public sealed class DataReport
{
    private readonly Dictionary<DataProblem, int> _problems = [];

    /// <summary>Rows that were used.</summary>
    public int Used { get; internal set; }

    /// <summary>Rows that were cut to length and used.</summary>
    public int Truncated { get; internal set; }

    /// <summary>Rows left out, by reason.</summary>
    public IReadOnlyDictionary<DataProblem, int> Skipped => _problems;

    /// <summary>Message of the first row left out, or null.</summary>
    public string? FirstProblem { get; private set; }

    internal void Skip(DataFileException bad)
    {
        FirstProblem ??= bad.Message;
        _problems[bad.Problem] = _problems.GetValueOrDefault(bad.Problem) + 1;
    }

    /// <summary>The counts in words.</summary>
    public override string ToString() =>
        $"{Used} rows used, {Truncated} cut to length, {_problems.Values.Sum()} left out"
        + (_problems.Count == 0 ? "" : $" ({string.Join(", ", _problems.OrderBy(p => p.Key).Select(p => $"{p.Key} {p.Value}"))}; first: {FirstProblem})");
}
