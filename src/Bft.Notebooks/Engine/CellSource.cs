using System.Text;
using System.Text.RegularExpressions;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>A part of a cell; parts run in order and the first failure ends the cell.</summary>
/// <param name="Language">Language in force, a name of <see cref="CellLanguage"/>.</param>
/// <param name="Line">Line of the cell at which the part starts, from 1.</param>
internal abstract record CellPart(string Language, int Line);

/// <summary>Code or text in one language.</summary>
internal sealed record CodePart(string Language, int Line, string Text) : CellPart(Language, Line);

/// <summary>An <c>#r "…"</c> line.</summary>
internal sealed record ReferencePart(string Language, int Line, string Reference) : CellPart(Language, Line);

/// <summary>An <c>#i "nuget:…"</c> line.</summary>
internal sealed record SourcePart(string Language, int Line, string Source) : CellPart(Language, Line);

/// <summary>A <c>#load "…"</c> line of C#; F# has its own.</summary>
internal sealed record LoadPart(string Language, int Line, string File) : CellPart(Language, Line);

/// <summary>A <c>#!name arguments</c> line.</summary>
internal sealed record DirectivePart(string Language, int Line, string Name, string Arguments) : CellPart(Language, Line);

/// <summary>A line that the engine itself reads is wrong.</summary>
internal sealed class CellDirectiveException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}

/// <summary>Cuts a cell at its <c>#!</c> lines and takes out its <c>#r</c>, <c>#i</c> and <c>#load</c> lines; every part knows its line in the cell.</summary>
internal static partial class CellSource
{
    /// <exception cref="CellDirectiveException">A <c>#!</c> line is unknown.</exception>
    public static IReadOnlyList<CellPart> Split(string code, string language)
    {
        var parts = new List<CellPart>();
        var text = new StringBuilder();
        var (first, number) = (1, 0);
        foreach (var line in code.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var isCode = language is CellLanguage.CSharp or CellLanguage.FSharp;
            if (Magic().Match(line) is { Success: true } magic)
            {
                Flush();
                if (Language(magic.Groups["name"].Value) is { } next)
                    language = next;
                else
                    parts.Add(new DirectivePart(language, number, Magics.Find(magic.Groups["name"].Value, number).Name, magic.Groups["rest"].Value.Trim()));
                if (magic.Groups["name"].Value == Magics.Value)
                    language = Magics.Value;
                first = number + 1;
            }
            else if (isCode && HashLine().Match(line) is { Success: true } hash && Hash(hash, language, number) is { } part)
            {
                parts.Add(part);
                text.Append('\n');
            }
            else
            {
                text.Append(line).Append('\n');
            }
        }

        Flush();
        return parts;

        void Flush()
        {
            if (!string.IsNullOrWhiteSpace(text.ToString()) && language != Magics.Metadata)
                parts.Add(new CodePart(language, first, text.ToString().TrimEnd('\n')));
            text.Clear();
        }
    }

    private static string? Language(string name) => name == Magics.Metadata ? name : CellLanguage.TryParse(name, out var language) ? language : null;

    private static CellPart? Hash(Match line, string language, int number) => (line.Groups["name"].Value, line.Groups["text"].Value) switch
    {
        ("r", var reference) => new ReferencePart(language, number, reference),
        ("i", var source) when PackageLine.IsPackage(source) => new SourcePart(language, number, source),
        ("load", var file) when language == CellLanguage.CSharp => new LoadPart(language, number, file),
        _ => null,
    };

    [GeneratedRegex("""^#!(?<name>\S+)(?<rest>.*)$""")]
    private static partial Regex Magic();

    [GeneratedRegex("""^\s*#(?<name>r|i|load)\s+@?"(?<text>[^"]+)"\s*(;;)?\s*(//.*)?$""")]
    private static partial Regex HashLine();
}
