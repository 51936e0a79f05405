using System.Text;

namespace Bft.Notebooks.Engine;

/// <summary>The words behind a <c>#!</c> name: options with values, flags, and one name without an option.</summary>
internal sealed class DirectiveArguments
{
    private readonly DirectivePart _part;
    private readonly Dictionary<string, string> _values = [];

    private DirectiveArguments(DirectivePart part) => _part = part;

    /// <summary>Reads the words; those between double quotes are one.</summary>
    /// <param name="part">The line.</param>
    /// <param name="free">Option that a word without an option belongs to; null when there is none.</param>
    /// <param name="options">Options with a value.</param>
    /// <param name="flags">Options without.</param>
    /// <exception cref="CellDirectiveException">An option is unknown, lacks its value or is given twice.</exception>
    public static DirectiveArguments Read(DirectivePart part, string? free, string[] options, params string[] flags)
    {
        var arguments = new DirectiveArguments(part);
        var words = new Queue<string>(Words(part.Arguments));
        while (words.TryDequeue(out var word))
        {
            var isOption = word.StartsWith("--", StringComparison.Ordinal);
            var key = isOption ? word : free ?? throw arguments.Wrong($"'{word}' belongs to no option");
            if (!options.Contains(key) && !flags.Contains(key))
                throw arguments.Wrong($"unknown option {key}; the nearest is {NearestName.Of(key, options.Concat(flags))}");
            var value = flags.Contains(key) ? "" : !isOption ? word : words.TryDequeue(out var next) ? next : throw arguments.Wrong($"{key} needs a value");
            if (!arguments._values.TryAdd(key, value))
                throw arguments.Wrong($"{key} is given twice");
        }

        return arguments;
    }

    /// <summary>True when an option or flag is there.</summary>
    public bool Has(string option) => _values.ContainsKey(option);

    /// <summary>The value of an option, or a default.</summary>
    public string Get(string option, string absent) => _values.GetValueOrDefault(option, absent);

    /// <exception cref="CellDirectiveException">The option is missing.</exception>
    public string Require(string option) => _values.TryGetValue(option, out var value) ? value : throw Wrong($"{option} is missing");

    /// <summary>An error of this line, with what it should look like.</summary>
    public CellDirectiveException Wrong(string problem) =>
        new(_part.Line, $"#!{_part.Name} {_part.Arguments}: {problem}. Expected: {Magics.Find(_part.Name, _part.Line).Line}");

    // A quoted text begins a word or follows a colon (@input:"How old?"); an object in braces, which has quotes of its own, is taken as it is.
    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            var opens = word.Length == 0 || word[^1] == ':';
            if (char.IsWhiteSpace(text[at]))
            {
                if (word.Length > 0)
                    yield return word.ToString();
                word.Clear();
            }
            else if (opens && text[at] == '"' && text.IndexOf('"', at + 1) is > 0 and var end)
            {
                word.Append(text.AsSpan(at + 1, end - at - 1));
                if (word.Length == 0)
                    yield return "";
                at = end;
            }
            else if (opens && text[at] == '{' && text.LastIndexOf('}') is var close && close > at)
            {
                word.Append(text.AsSpan(at, close - at + 1));
                at = close;
            }
            else
            {
                word.Append(text[at]);
            }
        }

        if (word.Length > 0)
            yield return word.ToString();
    }
}
