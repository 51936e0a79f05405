using System.Text.Json.Nodes;
using Bft.Notebooks.Files;

namespace Bft.Notebooks.Tests.Running;

/// <summary>Builds small notebooks on disk.</summary>
internal sealed class TestNotebook : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-notebook-").FullName;

    public TestNotebook(params string[] sources)
    {
        Path = System.IO.Path.Combine(_folder, "test.ipynb");
        var cells = sources.Select((source, index) => (JsonNode)new JsonObject
        {
            ["cell_type"] = source.StartsWith("# ", StringComparison.Ordinal) ? "markdown" : "code",
            ["id"] = $"c{index + 1}",
            ["metadata"] = source.StartsWith("// parameters", StringComparison.Ordinal) ? new JsonObject { ["tags"] = new JsonArray("parameters") } : new JsonObject(),
            ["source"] = source,
        }).ToArray();
        foreach (var cell in cells.Where(cell => cell["cell_type"]!.GetValue<string>() == "code"))
            (cell["outputs"], cell["execution_count"]) = (new JsonArray(), null);
        var root = new JsonObject
        {
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
            ["cells"] = new JsonArray(cells),
            ["metadata"] = new JsonObject { ["kernelspec"] = new JsonObject { ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp" } },
        };
        File.WriteAllText(Path, root.ToJsonString());
    }

    public string Folder => _folder;

    public string Path { get; }

    public string Other => System.IO.Path.Combine(_folder, "out.ipynb");

    public string Text => File.ReadAllText(Path);

    public Notebook Read() => NotebookFile.Read(Path);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
