using System.Globalization;
using System.Text.RegularExpressions;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Running;

/// <summary>Literals of C# and F# that may be parameters: whole numbers, numbers with a fraction, texts, truth values.</summary>
internal static partial class ParameterLiteral
{
    /// <summary>Reads one assignment; null when it is something else.</summary>
    public static NotebookParameter? Parse(string line, string language, int number)
    {
        var match = language switch
        {
            CellLanguage.CSharp => CSharpAssignment().Match(line),
            CellLanguage.FSharp => FSharpAssignment().Match(line),
            _ => Match.Empty,
        };
        return match.Success && Kind(match.Groups["literal"].Value) is not null
            ? new NotebookParameter(match.Groups["name"].Value, match.Groups["declaration"].Value, match.Groups["literal"].Value, number)
            : null;
    }

    /// <summary>The value as a literal of the same kind; null when it does not fit.</summary>
    public static string? Replace(string literal, string value)
    {
        switch (Kind(literal))
        {
            case "text":
                return $"\"{Escape(value)}\"";
            case "truth value":
                return value is "true" or "false" ? value : null;
            case "whole number":
                var whole = Whole().Match(literal);
                return Whole().Match(value) is { Success: true } given && given.Groups["suffix"].Length == 0 ? given.Value + whole.Groups["suffix"].Value : null;
            default:
                if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) || !double.IsFinite(parsed))
                    return null;
                var digits = value.AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? value + ".0" : value.StartsWith('.') ? "0" + value : value;
                return (digits.EndsWith('.') ? digits + "0" : digits) + Fraction().Match(literal).Groups["suffix"].Value;
        }
    }

    /// <summary>For messages: what kind of value the literal is.</summary>
    public static string Describe(string literal) => Kind(literal)!;

    private static string? Kind(string literal) =>
        literal is "true" or "false" ? "truth value"
        : Whole().IsMatch(literal) ? "whole number"
        : Fraction().IsMatch(literal) ? "number"
        : Text().IsMatch(literal) ? "text"
        : null;

    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);

    [GeneratedRegex("""^\s*(?<declaration>(const\s+)?[A-Za-z_][\w.]*\??\s+(?<name>[A-Za-z_]\w*)\s*=\s*)(?<literal>"([^"\\]|\\.)*"|[^\s;"]+)\s*;\s*(//.*)?$""")]
    private static partial Regex CSharpAssignment();

    [GeneratedRegex("""^\s*(?<declaration>let\s+(mutable\s+)?(?<name>[A-Za-z_]\w*)\s*(:\s*[A-Za-z_][\w.]*\s*)?=\s*)(?<literal>"([^"\\]|\\.)*"|[^\s;"]+)\s*(//.*)?$""")]
    private static partial Regex FSharpAssignment();

    [GeneratedRegex("""^-?\d[\d_]*(?<suffix>[uU]?[lL]?|[uU]?[ysn])$""")]
    private static partial Regex Whole();

    [GeneratedRegex("""^-?(?=\.?\d)(\d[\d_]*)?(\.\d+)?([eE][+-]?\d+)?\.?(?<suffix>[fFdDmM]?)$""")]
    private static partial Regex Fraction();

    [GeneratedRegex("""^"([^"\\]|\\.)*"$""")]
    private static partial Regex Text();
}
