namespace Bft.Notebooks.Sessions;

/// <summary>Names under which a cell's language is known.</summary>
public static class CellLanguage
{
    /// <summary>C# script.</summary>
    public const string CSharp = "csharp";

    /// <summary>F# script.</summary>
    public const string FSharp = "fsharp";

    /// <summary>Text shown as Markdown.</summary>
    public const string Markdown = "markdown";

    /// <summary>Text shown as HTML.</summary>
    public const string Html = "html";

    /// <summary>Script that the page runs which shows it.</summary>
    public const string JavaScript = "javascript";

    private static readonly Dictionary<string, string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        [CSharp] = CSharp,
        ["c#"] = CSharp,
        ["cs"] = CSharp,
        [".net-csharp"] = CSharp,
        [FSharp] = FSharp,
        ["f#"] = FSharp,
        ["fs"] = FSharp,
        [".net-fsharp"] = FSharp,
        [Markdown] = Markdown,
        ["md"] = Markdown,
        [Html] = Html,
        [JavaScript] = JavaScript,
        ["js"] = JavaScript,
    };

    /// <summary>Every name that <see cref="TryParse"/> accepts.</summary>
    public static IReadOnlyCollection<string> Names => s_names.Keys;

    /// <summary>Finds the language behind a name or alias (<c>C#</c>, <c>fs</c>, <c>.net-csharp</c>), in any case.</summary>
    public static bool TryParse(string name, out string language)
    {
        var known = s_names.TryGetValue(name, out var found);
        language = found ?? "";
        return known;
    }
}
