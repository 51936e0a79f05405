namespace Bft.Notebooks.Sessions;

/// <summary>One cell to run.</summary>
/// <param name="Code">Source text; a first line <c>#!csharp</c> or <c>#!fsharp</c> chooses the language.</param>
/// <param name="Number">Number of the cell as readers see it (1 for the first code cell); error messages and stack traces carry it.</param>
/// <param name="Language">Language where the source does not name one (any name of <see cref="CellLanguage"/>); null means C#.</param>
public sealed record CellRequest(string Code, int Number, string? Language = null);
