using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Bft.Notebooks.Jupyter;

/// <summary>The entry under which front ends find this kernel.</summary>
public static partial class KernelSpec
{
    /// <summary>The name that existing C# and F# notebooks ask for.</summary>
    public const string DefaultName = ".net-csharp";

    private static readonly JsonSerializerOptions s_writing =
        new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes <c>kernel.json</c> and returns its path.</summary>
    /// <param name="dataFolder">Jupyter's data folder; the file goes to <c>kernels/NAME</c> in it.</param>
    /// <param name="name">Letters, digits, <c>.</c>, <c>-</c>, <c>_</c>.</param>
    /// <param name="command">The program and its first arguments; the path of the connection file is added.</param>
    /// <param name="replace">Replace another kernel of this name.</param>
    /// <exception cref="ArgumentException">The name is not one, or another kernel has it.</exception>
    public static string Install(string dataFolder, string name, IReadOnlyList<string> command, bool replace)
    {
        if (!Name().IsMatch(name))
            throw new ArgumentException($"'{name}' is not a kernel name: expected letters, digits, '.', '-' and '_'.");
        var folder = Path.Combine(dataFolder, "kernels", name.ToLowerInvariant()); // front ends look for lower case
        var path = Path.Combine(folder, "kernel.json");
        var text = Text(name, command);
        if (!replace && Directory.Exists(folder) && !(File.Exists(path) && File.ReadAllText(path) == text))
            throw new ArgumentException($"A kernel named '{name}' exists in {folder}. Choose another name with --name, or replace it with --force.");
        Directory.CreateDirectory(folder);
        File.WriteAllText(path, text);
        return path;
    }

    private static string Text(string name, IReadOnlyList<string> command) => new JsonObject
    {
        ["argv"] = new JsonArray([.. command.Select(part => (JsonNode)part), "{connection_file}"]),
        ["display_name"] = name == DefaultName ? ".NET (C#)" : $".NET (C#, {name})",
        ["language"] = "C#",
        ["interrupt_mode"] = "message",
    }.ToJsonString(s_writing) + "\n";

    [GeneratedRegex(@"^[A-Za-z0-9._-]+$")]
    private static partial Regex Name();
}
