using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>A <c>#!</c> line that cells may hold.</summary>
/// <param name="Name">Without <c>#!</c>.</param>
/// <param name="Usage">What follows it.</param>
/// <param name="Summary">What it does, in one line.</param>
internal sealed record Magic(string Name, string Usage, string Summary)
{
    /// <summary>How it is written.</summary>
    public string Line => Usage.Length == 0 ? $"#!{Name}" : $"#!{Name} {Usage}";
}

/// <summary>Every <c>#!</c> line that cells may hold.</summary>
internal static class Magics
{
    /// <summary>Text that a .dib file says about itself.</summary>
    public const string Metadata = "meta";

    /// <summary>Text that a cell keeps under a name.</summary>
    public const string Value = "value";

    /// <summary>In the order in which <c>#!lsmagic</c> shows them.</summary>
    public static IReadOnlyList<Magic> All { get; } =
    [
        new(CellLanguage.CSharp, "", "what follows is C#"),
        new(CellLanguage.FSharp, "", "what follows is F#"),
        new(CellLanguage.Markdown, "", "what follows is shown as Markdown"),
        new(CellLanguage.Html, "", "what follows is shown as HTML"),
        new(CellLanguage.JavaScript, "", "what follows is run by the page that shows it"),
        new("share", "--from csharp|fsharp NAME [--as OTHER]", "takes a value of the other language, the object itself"),
        new("set", "--name NAME --value VALUE|@LANGUAGE:NAME|@input:PROMPT|@password:PROMPT [--byref]", "sets a value: text, a copy of a value of the other language (with --byref the object itself), or what the reader types"),
        new(Value, "--name NAME [--from-file FILE|--from-url ADDRESS] [--mime-type TYPE]", "keeps the text that follows, for '#!share --from value NAME'"),
        new("import", "FILE", "runs a .cs, .csx, .fs, .fsx, .dib or .ipynb file here"),
        new("time", "", "says how long the cell took"),
        new("who", "", "lists the values of this language"),
        new("whos", "", "lists them with types and contents"),
        new("lsmagic", "", "lists these lines"),
        new("about", "", "says what runs the cells"),
    ];

    // Of .NET Interactive, and not here: the nearest name would mislead.
    private static readonly HashSet<string> s_elsewhere =
    [
        "pwsh", "powershell", "sql", "kql", "http", "mermaid", "connect", "r", "python", "duckdb", "quit", "shutdown", "nuget-restore", "linqify", "explain",
    ];

    /// <summary>Finds a magic by the name that a cell uses.</summary>
    /// <exception cref="CellDirectiveException">There is none; the message names the nearest.</exception>
    public static Magic Find(string name, int line) =>
        All.FirstOrDefault(magic => magic.Name == name)
        ?? throw new CellDirectiveException(line, s_elsewhere.Contains(name.ToLowerInvariant())
            ? $"'#!{name}' is of .NET Interactive and not of this kernel, which runs C# and F#. '#!lsmagic' lists what there is."
            : $"Unknown magic '#!{name}'; the nearest is '#!{NearestName.Of(name, All.Select(magic => magic.Name))}'. '#!lsmagic' lists what there is.");
}
