namespace Bft.Research.Data;

/// <summary>What can be wrong with a row of a data file.</summary>
public enum DataProblem
{
    /// <summary>The file as a whole is not rows: compressed, UTF-16, or an array that breaks off.</summary>
    NotRows,

    /// <summary>The file holds no row, or none that can be used.</summary>
    EmptyFile,

    /// <summary>A line is not JSON.</summary>
    BrokenJson,

    /// <summary>A line is not UTF-8, or a text holds half of a surrogate pair.</summary>
    BrokenText,

    /// <summary>A line between rows is empty.</summary>
    EmptyLine,

    /// <summary>An object has a field twice.</summary>
    DuplicateField,

    /// <summary>The row spells a conversation in two ways, or in another than the rows before.</summary>
    WrongForm,

    /// <summary>A field is missing.</summary>
    MissingField,

    /// <summary>A field has another type than it should.</summary>
    WrongType,

    /// <summary>Images, sounds or videos, which cannot be trained on here.</summary>
    NotText,

    /// <summary>A prompt or response holds nothing but white space.</summary>
    EmptyText,

    /// <summary>A role that is not known.</summary>
    UnknownRole,

    /// <summary>Turns do not alternate as they should.</summary>
    WrongRoleOrder,

    /// <summary>The chat template raises an error for the conversation.</summary>
    TemplateRefuses,

    /// <summary>The rendering of the chat template does not show where a response is.</summary>
    TemplateMismatch,

    /// <summary>No token of the row is taught.</summary>
    NothingToLearn,

    /// <summary>The row has more tokens than allowed.</summary>
    TooLong,

    /// <summary>A taught response loses its end to the cutoff.</summary>
    TruncatedEnd,

    /// <summary>Nothing that ends a turn follows a taught response, or it is not taught, so the model does not learn to stop.</summary>
    EndNotTaught,

    /// <summary>A token holds characters of the prompt and of the response, or the prompt alone has other tokens than in front of its response.</summary>
    BoundaryMerge,

    /// <summary>A response opens a span of reasoning and does not close it.</summary>
    UnclosedReasoning,

    /// <summary>A text of the row holds a special token of the tokenizer, which ends or opens turns where none ends or opens.</summary>
    SpecialToken,

    /// <summary>Two rows have the same id.</summary>
    DuplicateId,
}

/// <summary>What is the matter with a row of a data file; thrown when the row cannot be used or is refused by policy.</summary>
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
