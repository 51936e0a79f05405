using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Bft.Research.Tokenization;

/// <summary>Numbers, names and strings inside tags.</summary>
internal static partial class JinjaLiterals
{
    /// <summary>The literal or name at a place and its length; null when there is none.</summary>
    public static (JinjaToken Token, int Length)? TryRead(string text, int at, int line)
    {
        if (Float().Match(text, at) is { Success: true } real && (at == 0 || text[at - 1] != '.'))
            return (new(JinjaTokenKind.Number, real.Value, double.Parse(real.Value.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), line), real.Length);
        if (Integer().Match(text, at) is { Success: true } whole)
            return (new(JinjaTokenKind.Number, whole.Value, PyConversion.ToInteger(whole.Value.Replace("_", "", StringComparison.Ordinal), 0), line), whole.Length);
        if (Word().Match(text, at) is { Success: true } name)
            return IsIdentifier(name.Value)
                ? (new(JinjaTokenKind.Name, name.Value, null, line), name.Length)
                : throw TemplateException.Syntax("Invalid character in identifier", line);
        if (Quoted().Match(text, at) is { Success: true } quoted)
            return (new(JinjaTokenKind.String, quoted.Value, Unescape(quoted.Value[1..^1], line), line), quoted.Length);
        return null;
    }

    private static bool IsIdentifier(string name) => !char.IsDigit(name[0]) && CharUnicodeInfo.GetUnicodeCategory(name, 0) is not (
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.OtherNumber);

    /// <summary>A string literal's text: Python's escapes; an unknown escape stays as it is.</summary>
    private static string Unescape(string body, int line)
    {
        var result = new StringBuilder();
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] != '\\')
            {
                result.Append(body[i]);
                continue;
            }

            i++;
            switch (body[i])
            {
                case '\n': break;
                case '\\' or '\'' or '"': result.Append(body[i]); break;
                case 'a': result.Append('\a'); break;
                case 'b': result.Append('\b'); break;
                case 'f': result.Append('\f'); break;
                case 'n': result.Append('\n'); break;
                case 'r': result.Append('\r'); break;
                case 't': result.Append('\t'); break;
                case 'v': result.Append('\v'); break;
                case 'x': i = Hexadecimal(body, i, 2, result, line); break;
                case 'u': i = Hexadecimal(body, i, 4, result, line); break;
                case 'U': i = Hexadecimal(body, i, 8, result, line); break;
                case 'N': throw new TemplateException(TemplateException.NotSupported, "the escape \\N{...} is not supported", line);
                case >= '0' and <= '7': i = Octal(body, i, result); break;
                default: result.Append('\\').Append(body[i]); break;
            }
        }

        return result.ToString();
    }

    private static int Octal(string body, int at, StringBuilder into)
    {
        var (end, code) = (at, 0);
        for (; end < body.Length && end < at + 3 && body[end] is >= '0' and <= '7'; end++)
            code = code * 8 + body[end] - '0';
        into.Append((char)code);
        return end - 1;
    }

    private static int Hexadecimal(string body, int at, int digits, StringBuilder into, int line)
    {
        var end = at + 1 + digits;
        if (end > body.Length || !uint.TryParse(body.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            throw TemplateException.Syntax($"truncated \\{body[at]}{new string('X', digits)} escape", line);
        if (code > 0x10FFFF)
            throw TemplateException.Syntax("illegal Unicode character", line);
        into.Append(code < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32((int)code));
        return end - 1;
    }

    [GeneratedRegex(@"\G(?:[0-9]+_)*[0-9]+(?:(?:\.(?:[0-9]+_)*[0-9]+)?[eE][-+]?(?:[0-9]+_)*[0-9]+|\.(?:[0-9]+_)*[0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    [GeneratedRegex(@"\G(?:0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?[0-9])*|0(?:_?0)*)", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"\G[\w\p{Mc}\p{Mn}]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"\G(?:'[^'\\]*(?:\\.[^'\\]*)*'|""[^""\\]*(?:\\.[^""\\]*)*"")", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Quoted();
}
