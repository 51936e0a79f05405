using Bft.Notebooks.Files;
using Bft.Notebooks.Running;

namespace Bft.Notebooks.Tests.Running;

/// <summary>Stripping takes the traces of a run and nothing else.</summary>
public class OutputStripperTests
{
    private static readonly RunOptions s_options = new() { Parameters = new Dictionary<string, string> { ["seed"] = "3" } };

    [Fact]
    public async Task What_a_run_put_in_is_taken_out_and_the_rest_is_the_same_bytes()
    {
        using var file = new TestNotebook("# Title", "// parameters\nvar seed = 7;", "#!markdown\n**x**", "display(seed);\nseed");
        var notebook = file.Read();
        notebook.Metadata["kept"] = "yes";
        notebook.Cells[3].Metadata["slide"] = true;
        NotebookFile.Write(notebook, file.Path);
        var before = file.Text;
        Assert.True((await NotebookRunner.RunFileAsync(file.Path, file.Path, s_options, CancellationToken.None)).Succeeded);
        Assert.NotEqual(before, file.Text);
        Assert.Equal(before, Stripped(file.Text));
        Assert.Equal(before, Stripped(before));
    }

    [Fact]
    public void A_mark_beside_other_metadata_goes_alone()
    {
        using var file = new TestNotebook("1");
        var notebook = file.Read();
        notebook.Metadata["bft"] = new System.Text.Json.Nodes.JsonObject { ["budget"] = "2m" };
        var before = NotebookFile.Format(notebook);
        CellsHash.Record(notebook);
        Assert.NotEqual(before, NotebookFile.Format(notebook));
        Assert.Equal(before, Stripped(NotebookFile.Format(notebook)));
    }

    private static string Stripped(string text)
    {
        var notebook = NotebookFile.Parse(text, "n.ipynb");
        OutputStripper.Strip(notebook);
        return NotebookFile.Format(notebook);
    }
}
