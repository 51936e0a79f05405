using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Jupyter;

/// <summary>What the kernel says about itself. Notebooks keep <c>language_info</c>, so it is the same as in files of the runner.</summary>
internal static class KernelInfo
{
    public static JsonObject Create(string language) => new()
    {
        ["status"] = "ok",
        ["protocol_version"] = MessageCodec.Version,
        ["implementation"] = "bft",
        ["implementation_version"] = typeof(KernelInfo).Assembly.GetName().Version!.ToString(3),
        ["banner"] = "C# and F# cells. #!csharp or #!fsharp as the first line of a cell chooses; #!lsmagic lists more.",
        ["help_links"] = new JsonArray(),
        ["debugger"] = false,
        ["language_info"] = language == CellLanguage.FSharp ? Language("F#", "10.0", ".fs", "fsharp") : Language("C#", "14.0", ".cs", "csharp"),
    };

    private static JsonObject Language(string name, string version, string extension, string lexer) => new()
    {
        ["name"] = name,
        ["version"] = version,
        ["mimetype"] = $"text/x-{lexer}",
        ["file_extension"] = extension,
        ["pygments_lexer"] = lexer,
    };
}
