using System.Text.RegularExpressions;

namespace Bft.Research.Tokenization;

/// <summary>
/// Cuts a template into tokens, with <c>trim_blocks</c> and <c>lstrip_blocks</c> on and one trailing newline dropped, as chat templates are read.
/// </summary>
internal sealed partial class JinjaLexer
{
    private readonly string _text;
    private readonly List<JinjaToken> _tokens = [];
    private int _at;
    private int _line = 1;
    private bool _startsLine = true;

    private JinjaLexer(string source)
    {
        var text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _text = text.EndsWith('\n') ? text[..^1] : text;
    }

    /// <summary>The tokens, <see cref="JinjaTokenKind.End"/> last.</summary>
    /// <exception cref="TemplateException">TemplateSyntaxError.</exception>
    public static List<JinjaToken> Tokens(string source)
    {
        var lexer = new JinjaLexer(source);
        while (lexer._at < lexer._text.Length)
            lexer.ReadRoot();
        lexer._tokens.Add(new(JinjaTokenKind.End, "", null, lexer._line));
        return lexer._tokens;
    }

    private void ReadRoot()
    {
        var start = _at;
        while (start < _text.Length && !(_text[start] == '{' && start + 1 < _text.Length && _text[start + 1] is '%' or '{' or '#'))
            start++;
        if (start == _text.Length)
        {
            AddData(_text[_at..]);
            _at = start;
            return;
        }

        var kind = _text[start + 1];
        var sign = start + 2 < _text.Length && _text[start + 2] is '-' or '+' ? _text[start + 2] : '\0';
        AddData(Stripped(_text[_at..start], sign, kind));
        Advance(start);
        if (RawBegin().Match(_text, start) is { Success: true } raw && raw.Index == start)
        {
            Advance(start + raw.Length);
            ReadRaw();
            return;
        }

        Advance(start + (sign == '\0' ? 2 : 3));
        if (kind == '#')
            ReadComment();
        else
            ReadTag(kind == '{');
    }

    /// <summary>Text before a tag, without the white space that the tag takes away.</summary>
    private string Stripped(string text, char sign, char kind)
    {
        if (sign == '-')
            return PyText.TrimEnd(text);
        if (sign == '+' || kind == '{')
            return text;
        var lineStart = text.LastIndexOf('\n') + 1;
        var onlySpace = lineStart < text.Length && text.Skip(lineStart).All(PyText.IsSpace);
        return (lineStart > 0 || _startsLine) && onlySpace ? text[..lineStart] : text;
    }

    private void ReadComment()
    {
        var end = _text.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0 && _at < _text.Length)
            throw TemplateException.Syntax("Missing end of comment tag", _line);
        if (end < 0)
            return; // as in Jinja, a tag that opens at the very end needs no end
        Advance(AfterEnd(end + 2, end > _at ? _text[end - 1] : '\0'));
    }

    private void ReadRaw()
    {
        var match = RawEnd().Match(_text, _at);
        if (!match.Success && _at < _text.Length)
            throw TemplateException.Syntax("Missing end of raw directive", _line);
        if (!match.Success)
            return;
        var sign = match.Groups["sign"].Value is [var first] ? first : '\0';
        AddData(Stripped(_text[_at..match.Index], sign, '%'));
        Advance(AfterEnd(match.Index + match.Length, match.Groups["end"].Value is [var last, ..] && last is '-' or '+' ? match.Groups["end"].Value[0] : '\0'));
    }

    private void ReadTag(bool prints)
    {
        _tokens.Add(new(prints ? JinjaTokenKind.PrintBegin : JinjaTokenKind.BlockBegin, prints ? "{{" : "{%", null, _line));
        var open = new Stack<char>();
        while (true)
        {
            while (_at < _text.Length && PyText.IsSpace(_text[_at]))
                Advance(_at + 1);
            if (_at == _text.Length)
                return;
            if (open.Count == 0 && TryEnd(prints))
                return;
            ReadToken(open);
        }
    }

    private bool TryEnd(bool prints)
    {
        var close = prints ? "}}" : "%}";
        var sign = _text[_at] == '-' || (_text[_at] == '+' && !prints) ? _text[_at] : '\0';
        var start = sign == '\0' ? _at : _at + 1;
        if (string.CompareOrdinal(_text, start, close, 0, 2) != 0)
            return false;
        _tokens.Add(new(prints ? JinjaTokenKind.PrintEnd : JinjaTokenKind.BlockEnd, close, null, _line));
        Advance(prints && sign == '\0' ? start + 2 : AfterEnd(start + 2, sign));
        return true;
    }

    private void ReadToken(Stack<char> open)
    {
        if (JinjaLiterals.TryRead(_text, _at, _line) is var (token, length))
        {
            _tokens.Add(token);
            Advance(_at + length);
            return;
        }

        var op = Operator().Match(_text, _at);
        if (!op.Success)
            throw TemplateException.Syntax($"unexpected char {PyRepr.Of(_text[_at].ToString())} at {_at}", _line);
        Balance(op.Value[0], open);
        _tokens.Add(new(JinjaTokenKind.Operator, op.Value, null, _line));
        Advance(_at + op.Length);
    }

    private void Balance(char c, Stack<char> open)
    {
        if (c is '{' or '(' or '[')
            open.Push(c switch { '{' => '}', '(' => ')', _ => ']' });
        if (c is not ('}' or ')' or ']'))
            return;
        if (open.Count == 0)
            throw TemplateException.Syntax($"unexpected '{c}'", _line);
        if (open.Pop() is var expected && expected != c)
            throw TemplateException.Syntax($"unexpected '{c}', expected '{expected}'", _line);
    }

    /// <summary>Where reading goes on after an end tag: past all white space, past one newline, or right there.</summary>
    private int AfterEnd(int at, char sign)
    {
        if (sign == '-')
            while (at < _text.Length && PyText.IsSpace(_text[at]))
                at++;
        else if (sign != '+' && at < _text.Length && _text[at] == '\n')
            at++;
        return at;
    }

    private void AddData(string data)
    {
        if (data.Length > 0)
            _tokens.Add(new(JinjaTokenKind.Data, data, null, _line));
    }

    private void Advance(int to)
    {
        for (; _at < to; _at++)
            if (_text[_at] == '\n')
                _line++;
        _startsLine = to > 0 ? _text[to - 1] == '\n' : _startsLine;
    }

    [GeneratedRegex(@"\G\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})", RegexOptions.CultureInvariant)]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%(?<sign>[-+]?)\s*endraw\s*(?<end>\+%\}|-%\}|%\})", RegexOptions.CultureInvariant)]
    private static partial Regex RawEnd();

    [GeneratedRegex(@"\G(?:\*\*|//|==|!=|>=|<=|[-+/*%~\[\](){}><=.:|,;])", RegexOptions.CultureInvariant)]
    private static partial Regex Operator();
}
