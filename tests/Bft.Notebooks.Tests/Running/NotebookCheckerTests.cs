using System.Text.Json.Nodes;
using Bft.Notebooks.Files;
using Bft.Notebooks.Running;

namespace Bft.Notebooks.Tests.Running;

/// <summary>What must not be committed is found without running anything.</summary>
public class NotebookCheckerTests
{
    [Fact]
    public void A_notebook_marked_as_run_is_clean() => Assert.Empty(Problems(_ => { }));

    [Fact]
    public void A_changed_cell_makes_it_stale() =>
        Assert.Contains("stale", Assert.Single(Problems(notebook => notebook.Cells[1].Source += " ")));

    [Fact]
    public void A_changed_language_makes_it_stale() =>
        Assert.Contains("stale", Assert.Single(Problems(notebook => notebook.Metadata["kernelspec"]!["language"] = "F#")));

    [Fact]
    public void A_changed_text_does_not() => Assert.Empty(Problems(notebook => notebook.Cells[0].Source = "# Other"));

    [Theory]
    [InlineData("Console.Write(\"/home/someone/x\");", "line 1: absolute path '/home/someone/x'")]
    [InlineData("1\nvar p = @\"C:\\data\\x\";", "line 2: absolute path 'C:\\data\\x'")]
    public void An_absolute_path_in_a_cell_is_found(string source, string problem) => Assert.Contains(problem, Problems(notebook =>
    {
        notebook.Cells[1].Source = source;
        CellsHash.Record(notebook);
    }).Single());

    [Theory]
    [InlineData("https://host/home/page")]
    [InlineData("../home/x and a/data/b")]
    [InlineData("p(x)/data is fine")]
    public void What_only_looks_like_one_is_not(string source) => Assert.Empty(Problems(notebook => notebook.Cells[0].Source = "# " + source));

    [Fact]
    public void Outputs_are_searched_too() => Assert.Contains("'/tmp/a' in an output", Problems(notebook =>
        notebook.Cells[1].Outputs.Add(new JsonObject { ["output_type"] = "stream", ["name"] = "stdout", ["text"] = "see /tmp/a" })).Single());

    [Fact]
    public void A_parameter_that_is_no_literal_is_found() => Assert.Contains("expected an assignment of a literal", Problems(notebook =>
    {
        notebook.Cells[1].Metadata["tags"] = new JsonArray("parameters");
        notebook.Cells[1].Source = "var now = DateTime.Now;";
        CellsHash.Record(notebook);
    }).Single());

    [Fact]
    public void Size_and_missing_execution_are_found()
    {
        var problems = Problems(
            notebook =>
            {
                notebook.Cells[1].Json["execution_count"] = null;
                notebook.Cells[1].Outputs.Add(new JsonObject { ["output_type"] = "stream", ["name"] = "stdout", ["text"] = new string('x', 5000) });
            },
            new CheckOptions { MaximumFileBytes = 4000, MaximumOutputCharacters = 3000 });
        Assert.Contains(problems, problem => problem.Contains("the file has"));
        Assert.Contains(problems, problem => problem.Contains("an output has"));
        Assert.Contains(problems, problem => problem.Contains("execution_count: expected 1, got null"));
    }

    [Fact]
    public void Another_formatting_is_found()
    {
        using var file = Marked(_ => { });
        File.WriteAllText(file.Path, file.Text.Replace("\n ", "\n  "));
        Assert.Contains("not formatted", Assert.Single(NotebookChecker.Check(file.Path, new CheckOptions())).Message);
    }

    private static List<string> Problems(Action<Notebook> change, CheckOptions? options = null)
    {
        using var file = Marked(change);
        return [.. NotebookChecker.Check(file.Path, options ?? new CheckOptions()).Select(problem => problem.ToString())];
    }

    private static TestNotebook Marked(Action<Notebook> change)
    {
        var file = new TestNotebook("# Title", "1 + 1");
        var notebook = file.Read();
        notebook.Cells[1].Json["execution_count"] = 1;
        CellsHash.Record(notebook);
        change(notebook);
        NotebookFile.Write(notebook, file.Path);
        return file;
    }
}
