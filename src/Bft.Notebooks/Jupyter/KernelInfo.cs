using System.Text.Json.Nodes;

namespace Bft.Notebooks.Jupyter;

/// <summary>What the kernel says about itself. Notebooks keep <c>language_info</c>, so it is the same as in files of the runner.</summary>
internal static class KernelInfo
{
    public static JsonObject Create() => new()
    {
        ["status"] = "ok",
        ["protocol_version"] = MessageCodec.Version,
        ["implementation"] = "bft",
        ["implementation_version"] = typeof(KernelInfo).Assembly.GetName().Version!.ToString(3),
        ["banner"] = "C# and F# cells. #!fsharp as the first line of a cell chooses F#.",
        ["help_links"] = new JsonArray(),
        ["debugger"] = false,
        ["language_info"] = new JsonObject
        {
            ["name"] = "C#",
            ["version"] = "14.0",
            ["mimetype"] = "text/x-csharp",
            ["file_extension"] = ".cs",
            ["pygments_lexer"] = "csharp",
        },
    };
}
