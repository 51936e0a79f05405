using System.Text.Json.Nodes;
using Bft.Notebooks.Files;
using Bft.Tests;

namespace Bft.Notebooks.Tests.Files;

/// <summary>Files keep everything and equal, byte for byte, what Jupyter writes (golden files made once with nbformat 5.5).</summary>
public class NotebookFileTests
{
    private static string Golden(string name) => Path.Combine(Checkout.Root, "tests", "Bft.Notebooks.Tests", "Files", "golden", name);

    [Fact]
    public void Writes_what_nbformat_writes() =>
        Assert.Equal(File.ReadAllText(Golden("all.expected.ipynb")), NotebookFile.Format(NotebookFile.Read(Golden("all.input.ipynb"))));

    [Fact]
    public void Writing_what_was_written_changes_nothing() =>
        Assert.Equal(File.ReadAllText(Golden("all.expected.ipynb")), NotebookFile.Format(NotebookFile.Read(Golden("all.expected.ipynb"))));

    [Fact]
    public void The_writer_of_the_class_library_would_differ()
    {
        var options = new System.Text.Json.JsonSerializerOptions
        {
            WriteIndented = true,
            IndentSize = 1,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        var text = JsonNode.Parse(File.ReadAllText(Golden("all.expected.ipynb")))!.ToJsonString(options) + "\n";
        Assert.NotEqual(File.ReadAllText(Golden("all.expected.ipynb")), text);
        Assert.Contains("\\uD83E\\uDDEC", text);
    }

    [Fact]
    public void An_older_file_gets_ids_that_do_not_change()
    {
        const string old = """{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[{"cell_type":"markdown","metadata":{},"source":"a"},{"cell_type":"raw","metadata":{},"source":["b"]}]}""";
        var first = NotebookFile.Format(NotebookFile.Parse(old, "old.ipynb"));
        Assert.Equal(first, NotebookFile.Format(NotebookFile.Parse(old, "old.ipynb")));
        var again = NotebookFile.Parse(first, "old.ipynb");
        Assert.Equal(["cell-1", "cell-2"], again.Cells.Select(cell => cell.Json["id"]!.GetValue<string>()));
        Assert.Equal(5, again.Root["nbformat_minor"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("{\n \"cells\": [\n", "line 3: not JSON")]
    [InlineData("[]", "expected a JSON object")]
    [InlineData("""{"a":1}""", "nbformat: expected a whole number")]
    [InlineData("""{"nbformat":3,"nbformat_minor":0,"metadata":{},"worksheets":[]}""", "nbformat: expected 4, got 3")]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"metadata":{}}""", "cells: expected a list")]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"cells":[]}""", "metadata: expected an object")]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","metadata":{},"source":""}]}""", "cell at position 1: outputs")]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"chart","metadata":{},"source":""}]}""", "got 'chart'")]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"raw","metadata":{},"source":[1]}]}""", "source: expected text")]
    [InlineData("""{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"raw","id":"a","metadata":{},"source":""},{"cell_type":"raw","id":"a","metadata":{},"source":""}]}""", "id 'a' is used twice")]
    [InlineData("""{"nbformat":4,"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[]}""", "a key occurs twice")]
    public void A_file_that_is_no_notebook_is_refused_with_the_place(string text, string problem)
    {
        var error = Assert.Throws<NotebookFormatException>(() => NotebookFile.Parse(text, "some/file.ipynb"));
        Assert.StartsWith("some/file.ipynb: ", error.Message);
        Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_no_draft()
    {
        var folder = Directory.CreateTempSubdirectory("bft-write-").FullName;
        var path = Path.Combine(folder, "a.ipynb");
        File.WriteAllText(path, "old");
        var notebook = NotebookFile.Parse("""{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"raw","metadata":{},"source":""}]}""", path);
        notebook.Cells[0].Source = "\uD800"; // half a character cannot be written
        Assert.ThrowsAny<ArgumentException>(() => NotebookFile.Write(notebook, path));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("#!fsharp\n1", null, "fsharp")]
    [InlineData("\n#!time\n#!F#\n1", null, "fsharp")]
    [InlineData("1", "fsharp", "fsharp")]
    [InlineData("1", null, "csharp")]
    [InlineData("1", "cobol", "cobol")]
    public void A_cell_knows_its_language(string source, string? inMetadata, string expected)
    {
        var notebook = NotebookFile.Parse(
            """{"nbformat":4,"nbformat_minor":5,"metadata":{"kernelspec":{"language":"C#"}},"cells":[{"cell_type":"code","id":"a","metadata":{},"outputs":[],"source":""}]}""", "x");
        notebook.Cells[0].Source = source;
        if (inMetadata is not null)
            notebook.Cells[0].Metadata["polyglot_notebook"] = new JsonObject { ["kernelName"] = inMetadata };
        Assert.Equal(expected, notebook.Cells[0].LanguageOr(notebook.DefaultLanguage));
    }
}
