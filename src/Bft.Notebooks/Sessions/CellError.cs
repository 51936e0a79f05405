namespace Bft.Notebooks.Sessions;

/// <summary>Why a cell failed.</summary>
/// <param name="Name">Full name of the exception, or <see cref="Compilation"/>, <see cref="Directive"/>, <see cref="Interrupted"/>.</param>
/// <param name="Message">For people; the first compile error when the cell did not compile.</param>
/// <param name="Trace">Compile errors, or the message and the frames of user and library code; no source paths.</param>
/// <param name="Line">Line in the cell (1 is the first, magic lines count), null when unknown.</param>
public sealed record CellError(string Name, string Message, IReadOnlyList<string> Trace, int? Line)
{
    /// <summary>Name of an error of the compiler.</summary>
    public const string Compilation = "CompilationError";

    /// <summary>Name of an error in a <c>#!</c> or <c>#r</c> line.</summary>
    public const string Directive = "DirectiveError";

    /// <summary>Name of the error of an interrupted cell.</summary>
    public const string Interrupted = "Interrupted";
}

/// <summary>How a cell ended.</summary>
/// <param name="Error">Null when it succeeded.</param>
public sealed record CellResult(CellError? Error)
{
    /// <summary>True when the cell ran to its end.</summary>
    public bool Succeeded => Error is null;
}
