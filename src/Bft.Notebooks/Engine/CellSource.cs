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

/// <summary>A <c>#!name arguments</c> line.</summary>
internal sealed record DirectivePart(string Language, int Line, string Name, string Arguments) : CellPart(Language, Line);

/// <summary>A line that the engine itself reads is wrong.</summary>
internal sealed class CellDirectiveException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}

/// <summary>Cuts a cell at its <c>#!</c> lines and takes out its <c>#r</c> lines; every part knows its line in the cell.</summary>
internal static partial class CellSource
{
    private static readonly string[] s_directives = ["share", "set", "who", "whos", "time"];

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
                if (CellLanguage.TryParse(magic.Groups["name"].Value, out var next))
                    language = next;
                else
                    parts.Add(Directive(magic, language, number));
                first = number + 1;
            }
            else if (isCode && Reference().Match(line) is { Success: true } reference)
            {
                parts.Add(new ReferencePart(language, number, reference.Groups["path"].Value));
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
            if (!string.IsNullOrWhiteSpace(text.ToString()))
                parts.Add(new CodePart(language, first, text.ToString().TrimEnd('\n')));
            text.Clear();
        }
    }

    private static DirectivePart Directive(Match magic, string language, int line)
    {
        var name = magic.Groups["name"].Value;
        return s_directives.Contains(name)
            ? new DirectivePart(language, line, name, magic.Groups["rest"].Value.Trim())
            : throw new CellDirectiveException(line,
                $"Unknown magic '#!{name}'. Known: {string.Join(", ", s_directives.Select(known => "#!" + known))}, "
                + "#!csharp, #!fsharp, #!markdown, #!html.");
    }

    [GeneratedRegex("""^#!(?<name>\S+)(?<rest>.*)$""")]
    private static partial Regex Magic();

    [GeneratedRegex("""^\s*#r\s+@?"(?<path>[^"]+)"\s*(;;)?\s*(//.*)?$""")]
    private static partial Regex Reference();
}
