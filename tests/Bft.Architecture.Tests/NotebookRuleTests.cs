using System.Text.Json.Nodes;
using Bft.Notebooks.Files;
using Bft.Notebooks.Running;
using Bft.Tests;

namespace Bft.Architecture.Tests;

/// <summary>The notebooks that are committed.</summary>
public class NotebookRuleTests
{
    private static readonly string[] s_paths =
        [.. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "notebooks"), "*.ipynb").Order(StringComparer.Ordinal)];

    [Fact]
    public void Cells_are_short_and_define_no_types()
    {
        Assert.Empty(Violations(NotebookRules.CellLength).Concat(Violations(NotebookRules.Types)));
        Assert.Empty(NotebookRules.CellLength(With(string.Join('\n', Enumerable.Repeat("x", 15)))));
        Assert.NotEmpty(NotebookRules.CellLength(With(string.Join('\n', Enumerable.Repeat("x", 16)))));
        Assert.All(
            ["class A { }", "public sealed record B(int X);", "var x = 1;\nenum C { D }", "#!fsharp\ntype Row = { X: int }", "  readonly struct E { }"],
            (string source) => Assert.Single(NotebookRules.Types(With(source))));
        Assert.Empty(NotebookRules.Types(With("// the class of a token\nvar record = 1;\nvar type = \"enum\";")));
    }

    [Fact]
    public void There_is_a_title_and_one_cell_of_parameters()
    {
        Assert.Empty(Violations(NotebookRules.Parameters).Concat(Violations(NotebookRules.Title)));
        Assert.NotEmpty(NotebookRules.Parameters(With("var profile = \"mini\"; var seed = 1;")));
        Assert.Equal(["parameters: no 'seed'"], NotebookRules.Parameters(With("var profile = \"mini\";", "parameters")));
        Assert.Empty(NotebookRules.Parameters(With("var profile = \"mini\"; var seed = 1;", "parameters")));
        Assert.NotEmpty(NotebookRules.Title(With("1")));
    }

    [Fact]
    public void Committed_outputs_are_those_of_their_cells()
    {
        Assert.NotEmpty(s_paths);
        Assert.Empty(s_paths.Where(path => NotebookRules.CarriesOutputs(NotebookFile.Read(path))).SelectMany(path => NotebookChecker.Check(path, new())));
    }

    [Fact]
    public void Stale_outputs_are_caught()
    {
        var notebook = With("1 + 1", "parameters");
        var cell = notebook.Cells[0];
        Assert.False(NotebookRules.CarriesOutputs(notebook));
        cell.Json["outputs"] = new JsonArray(new JsonObject { ["output_type"] = "stream", ["name"] = "stdout", ["text"] = "2" });
        Assert.True(NotebookRules.CarriesOutputs(notebook));
        var path = Path.GetTempFileName();
        try
        {
            NotebookFile.Write(notebook, path);
            Assert.Contains(NotebookChecker.Check(path, new()), problem => problem.Message.StartsWith("stale: ", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<string> Violations(Func<Notebook, IEnumerable<string>> rule) =>
        s_paths.SelectMany(path => rule(NotebookFile.Read(path)).Select(violation => $"{Path.GetFileName(path)}: {violation}"));

    private static Notebook With(string source, params string[] tags) => NotebookFile.Parse(
        new JsonObject
        {
            ["cells"] = new JsonArray(new JsonObject
            {
                ["cell_type"] = "code",
                ["execution_count"] = null,
                ["id"] = "a",
                ["metadata"] = new JsonObject { ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]) },
                ["outputs"] = new JsonArray(),
                ["source"] = source,
            }),
            ["metadata"] = new JsonObject { ["kernelspec"] = new JsonObject { ["name"] = ".net-csharp", ["display_name"] = ".NET (C#)", ["language"] = "C#" }, ["bft"] = new JsonObject { ["cells_sha256"] = "of other cells" } },
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        }.ToJsonString(),
        "sample.ipynb");
}
