using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Jupyter;

/// <summary>An entry under which front ends find this kernel: a folder <c>kernels/NAME</c> with <c>kernel.json</c> below a data folder of Jupyter.</summary>
public sealed partial class KernelSpec
{
    /// <summary>The name that existing C# notebooks, and mixed ones, ask for.</summary>
    public const string CSharpName = ".net-csharp";

    /// <summary>The name that existing F# notebooks ask for.</summary>
    public const string FSharpName = ".net-fsharp";

    private const string File = "kernel.json";

    private static readonly JsonSerializerOptions s_writing =
        new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _name;

    /// <summary>Names the entry; nothing is read or written.</summary>
    /// <param name="dataFolder">Jupyter's data folder.</param>
    /// <param name="name">Letters, digits, <c>.</c>, <c>-</c>, <c>_</c>.</param>
    /// <exception cref="ArgumentException">The name is not one.</exception>
    public KernelSpec(string dataFolder, string name)
    {
        if (!Name().IsMatch(name))
            throw new ArgumentException($"'{name}' is not a kernel name: expected letters, digits, '.', '-' and '_'.");
        _name = name;
        Folder = Path.Combine(dataFolder, "kernels", name.ToLowerInvariant()); // front ends look for lower case
    }

    /// <summary>Where the entry is.</summary>
    public string Folder { get; }

    /// <summary>The name that is shown for the kernel that is there now; null when there is none, its folder when it does not say.</summary>
    public string? Occupant
    {
        get
        {
            if (!Directory.Exists(Folder))
                return null;
            return Read() is { } spec && spec["display_name"] is JsonValue value && value.TryGetValue(out string? shown) ? shown : Folder;
        }
    }

    /// <summary>True when the kernel that is there now is this one, of this or another build.</summary>
    public bool IsOurs => Read()?["metadata"]?["bft"] is not null;

    /// <summary>Writes the entry, also in the place of another, and returns its file.</summary>
    /// <param name="language">Language of cells that name none, <see cref="CellLanguage.CSharp"/> or <see cref="CellLanguage.FSharp"/>.</param>
    /// <param name="command">The program and its first arguments; the language and the path of the connection file are added.</param>
    public string Install(string language, IReadOnlyList<string> command)
    {
        var shown = language == CellLanguage.FSharp ? "F#" : "C#";
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true); // pictures of another kernel
        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, File);
        System.IO.File.WriteAllText(path, new JsonObject
        {
            ["argv"] = new JsonArray([.. command.Select(part => (JsonNode)part), "--language", language, "{connection_file}"]),
            ["display_name"] = _name is CSharpName or FSharpName ? $".NET ({shown})" : $".NET ({shown}, {_name})",
            ["language"] = shown,
            ["interrupt_mode"] = "message",
            ["env"] = new JsonObject { ["DOTNET_TieredPGO"] = "0" }, // most code of a kernel runs a few times only; measuring it for later costs up to half of every cell
            ["metadata"] = new JsonObject { ["bft"] = typeof(KernelSpec).Assembly.GetName().Version!.ToString(3) },
        }.ToJsonString(s_writing) + "\n");
        return path;
    }

    /// <summary>Removes the entry.</summary>
    public void Uninstall() => Directory.Delete(Folder, recursive: true);

    private JsonObject? Read()
    {
        try
        {
            return JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(Folder, File))) as JsonObject;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]+$")]
    private static partial Regex Name();
}
