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
