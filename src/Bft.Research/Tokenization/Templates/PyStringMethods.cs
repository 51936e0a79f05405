using System.Numerics;
using System.Text;

namespace Bft.Research.Tokenization;

/// <summary>The methods of str.</summary>
internal static class PyStringMethods
{
    private static readonly string[] s_refused = ["casefold", "encode", "maketrans", "translate", "expandtabs", "isidentifier"];

    private static readonly Dictionary<string, Func<string, PyArguments, object?>> s_methods = new(StringComparer.Ordinal)
    {
        ["upper"] = (s, a) => Plain(a, PyCase.Upper(s)),
        ["lower"] = (s, a) => Plain(a, PyCase.Lower(s)),
        ["title"] = (s, a) => Plain(a, PyCase.Title(s)),
        ["capitalize"] = (s, a) => Plain(a, PyCase.Capitalize(s)),
        ["swapcase"] = (s, a) => Plain(a, PyCase.Swap(s)),
        ["strip"] = (s, a) => PyText.Trim(s, Characters(a)),
        ["lstrip"] = (s, a) => PyText.TrimStart(s, Characters(a)),
        ["rstrip"] = (s, a) => PyText.TrimEnd(s, Characters(a)),
        ["split"] = Split,
        ["rsplit"] = SplitFromEnd,
        ["splitlines"] = (s, a) => List(PyText.Lines(s, PyValue.Truth(a.Bind(("keepends", false))[0]))),
        ["join"] = (s, a) => Join(s, a.Only(1, 1)[0]),
        ["replace"] = (s, a) => PyText.Replace(s, a.TextAt(0, 2, 3), a.Text(1), a.Positional.Count > 2 ? PyArguments.Whole(a.Positional[2]) : -1),
        ["startswith"] = (s, a) => Affix(s, a, (part, affix) => part.StartsWith(affix, StringComparison.Ordinal)),
        ["endswith"] = (s, a) => Affix(s, a, (part, affix) => part.EndsWith(affix, StringComparison.Ordinal)),
        ["find"] = (s, a) => (BigInteger)Find(s, a, last: false),
        ["rfind"] = (s, a) => (BigInteger)Find(s, a, last: true),
        ["index"] = (s, a) => Index(s, a, last: false),
        ["rindex"] = (s, a) => Index(s, a, last: true),
        ["count"] = Count,
        ["removeprefix"] = (s, a) => s.StartsWith(a.TextAt(0, 1, 1), StringComparison.Ordinal) ? s[a.Text(0).Length..] : s,
        ["removesuffix"] = (s, a) => s.EndsWith(a.TextAt(0, 1, 1), StringComparison.Ordinal) ? s[..^a.Text(0).Length] : s,
        ["partition"] = (s, a) => Partition(s, a.TextAt(0, 1, 1), last: false),
        ["rpartition"] = (s, a) => Partition(s, a.TextAt(0, 1, 1), last: true),
        ["center"] = (s, a) => Pad(s, a, missing => missing / 2 + (missing & PyArguments.Whole(a.Positional[0]) & 1)),
        ["ljust"] = (s, a) => Pad(s, a, _ => 0),
        ["rjust"] = (s, a) => Pad(s, a, missing => missing),
        ["zfill"] = (s, a) => ZeroFill(s, PyArguments.Whole(a.Only(1, 1)[0])),
        ["format"] = PyFormat.Format,
        ["format_map"] = (s, a) => PyFormat.Format(s, new([], [.. ((PyDict)a.Only(1, 1)[0]!).Pairs.Select(p => KeyValuePair.Create(PyValue.Text(p.Key), p.Value))])),
        ["isalpha"] = (s, a) => Plain(a, PyText.All(s, PyText.IsLetter)),
        ["isalnum"] = (s, a) => Plain(a, PyText.All(s, rune => PyText.IsLetter(rune) || PyText.IsNumeric(rune))),
        ["isdecimal"] = (s, a) => Plain(a, PyText.All(s, PyText.IsDecimal)),
        ["isdigit"] = (s, a) => Plain(a, PyText.All(s, PyText.IsDigit)),
        ["isnumeric"] = (s, a) => Plain(a, PyText.All(s, PyText.IsNumeric)),
        ["isspace"] = (s, a) => Plain(a, PyText.All(s, rune => rune.IsBmp && PyText.IsSpace((char)rune.Value))),
        ["isprintable"] = (s, a) => Plain(a, s.EnumerateRunes().All(PyRepr.IsPrintable)),
        ["isascii"] = (s, a) => Plain(a, Ascii.IsValid(s)),
        ["isupper"] = (s, a) => Plain(a, IsUpper(s)),
        ["islower"] = (s, a) => Plain(a, IsLower(s)),
        ["istitle"] = (s, a) => Plain(a, IsTitle(s)),
    };

    public static bool TryGet(string text, string name, out object? value)
    {
        if (s_refused.Contains(name))
            throw TemplateException.Refused($"the method str.{name}");
        value = s_methods.TryGetValue(name, out var method) ? new PyFunction(name, arguments => method(text, arguments), "builtin_function_or_method") : null;
        return value is not null;
    }

    public static bool IsUpper(string s) => s.EnumerateRunes().Any(PyCase.IsCased) && !s.EnumerateRunes().Any(rune => PyCase.IsLower(rune) || PyCase.IsTitle(rune));

    public static bool IsLower(string s) => s.EnumerateRunes().Any(PyCase.IsCased) && !s.EnumerateRunes().Any(rune => PyCase.IsUpper(rune) || PyCase.IsTitle(rune));

    /// <summary><c>separator.join(items)</c>: every item must be a str.</summary>
    public static string Join(string separator, object? items)
    {
        var parts = new List<string>();
        foreach (var item in PyValue.CanIterate(items) ? PyValue.Iterate(items) : throw TemplateException.Type("can only join an iterable"))
            parts.Add(PyValue.AsText(item)
                ?? throw TemplateException.Type($"sequence item {parts.Count}: expected str instance, {PyValue.TypeName(item)} found"));
        return string.Join(separator, parts);
    }

    private static T Plain<T>(PyArguments arguments, T result)
    {
        arguments.Only(0, 0);
        return result;
    }

    private static string TextAt(this PyArguments arguments, int at, int least, int most)
    {
        arguments.Only(least, most);
        return arguments.Text(at);
    }

    private static string? Characters(PyArguments arguments) =>
        arguments.Only(0, 1) is [{ }] ? arguments.Text(0) : null;

    private static PyList List(IEnumerable<string> items) => new([.. items]);

    private static PyList Split(string s, PyArguments arguments)
    {
        var (separator, most) = Separator(arguments);
        if (separator is null)
            return List(PyText.Words(s, most));
        return List(most < 0 ? s.Split(separator) : s.Split(separator, most + 1));
    }

    private static PyList SplitFromEnd(string s, PyArguments arguments)
    {
        var (separator, most) = Separator(arguments);
        if (separator is null)
            return List(PyText.WordsFromEnd(s, most));
        var parts = new List<string>();
        while (parts.Count != most && s.LastIndexOf(separator, StringComparison.Ordinal) is var at and >= 0)
        {
            parts.Insert(0, s[(at + separator.Length)..]);
            s = s[..at];
        }

        return List([s, .. parts]);
    }

    private static (string? Separator, int Most) Separator(PyArguments arguments)
    {
        var values = arguments.Bind(("sep", null), ("maxsplit", BigInteger.MinusOne));
        if (values[0] is not null && PyValue.AsText(values[0]) is null)
            throw TemplateException.Type($"must be str or None, not {PyValue.TypeName(values[0])}");
        var separator = PyValue.AsText(values[0]);
        return separator != "" ? (separator, PyArguments.Whole(values[1])) : throw TemplateException.Value("empty separator");
    }

    /// <summary>The part that optional start and end arguments choose, and its first code point; null when the start lies beyond the end.</summary>
    private static (string Part, int Start)? Range(string s, PyArguments arguments)
    {
        var places = arguments.Only(1, 3);
        var length = PyText.Length(s);
        int Place(int at, int otherwise)
        {
            var place = places.Count > at && places[at] is not null ? PyArguments.Whole(places[at]) : otherwise;
            return place < 0 ? Math.Max(0, place + length) : place;
        }

        int start = Place(1, 0), end = Math.Min(Place(2, length), length);
        return start > end ? null : (s[PyText.Utf16Index(s, start)..PyText.Utf16Index(s, end)], start);
    }

    private static object Affix(string s, PyArguments arguments, Func<string, string, bool> test)
    {
        var range = Range(s, arguments);
        if (arguments.Positional[0] is PyTuple several)
            return several.Items.Any(item => range is { } r && test(r.Part, PyValue.AsText(item)
                ?? throw TemplateException.Type($"tuple for {arguments.Function} must only contain str")));
        var affix = PyValue.AsText(arguments.Positional[0])
            ?? throw TemplateException.Type($"{arguments.Function} first arg must be str or a tuple of str, not {PyValue.TypeName(arguments.Positional[0])}");
        return range is { } found && test(found.Part, affix);
    }

    private static int Find(string s, PyArguments arguments, bool last)
    {
        if (Range(s, arguments) is not var (part, start))
            return -1;
        var at = last ? part.LastIndexOf(arguments.Text(0), StringComparison.Ordinal) : part.IndexOf(arguments.Text(0), StringComparison.Ordinal);
        return at < 0 ? -1 : start + PyText.Length(part[..at]);
    }

    private static object Index(string s, PyArguments arguments, bool last) =>
        Find(s, arguments, last) is var at and >= 0 ? (BigInteger)at : throw TemplateException.Value("substring not found");

    private static object Count(string s, PyArguments arguments) =>
        (BigInteger)(Range(s, arguments) is var (part, _) ? PyText.Places(part, arguments.Text(0)).Count() : 0);

    private static PyTuple Partition(string s, string separator, bool last)
    {
        if (separator.Length == 0)
            throw TemplateException.Value("empty separator");
        var at = last ? s.LastIndexOf(separator, StringComparison.Ordinal) : s.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0)
            return new(last ? ["", "", s] : [s, "", ""]);
        return new([s[..at], separator, s[(at + separator.Length)..]]);
    }

    private static string Pad(string s, PyArguments arguments, Func<int, int> left)
    {
        var values = arguments.Only(1, 2);
        var fill = values.Count > 1 ? arguments.Text(1) : " ";
        if (PyText.Length(fill) != 1)
            throw TemplateException.Type("The fill character must be exactly one character long");
        var missing = Math.Max(0, PyArguments.Whole(values[0]) - PyText.Length(s));
        var before = left(missing);
        return PyOperators.Repeat(fill, before) + s + PyOperators.Repeat(fill, missing - before);
    }

    private static string ZeroFill(string s, int width)
    {
        var sign = s is ['+' or '-', ..] ? 1 : 0;
        return s[..sign] + PyOperators.Repeat("0", width - PyText.Length(s)) + s[sign..];
    }

    private static bool IsTitle(string s)
    {
        bool cased = false, any = false;
        foreach (var rune in s.EnumerateRunes())
        {
            var capital = PyCase.IsUpper(rune) || PyCase.IsTitle(rune);
            if (capital ? cased : PyCase.IsLower(rune) && !cased)
                return false;
            cased = PyCase.IsCased(rune);
            any |= cased;
        }

        return any;
    }
}
