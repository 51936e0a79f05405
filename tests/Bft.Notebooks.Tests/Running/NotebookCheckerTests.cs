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
                Show(notebook, "text/plain", new string('x', 5000));
            },
            new CheckOptions { MaximumOutputBytes = 4000 });
        Assert.Contains(problems, problem => problem.Contains("at most 4,000 are allowed. Largest: cell at position 2"));
        Assert.Contains(problems, problem => problem.Contains("execution_count: expected 1, got null"));
    }

    [Fact]
    public void Size_is_what_the_outputs_add_to_the_file()
    {
        using var file = Marked(_ => { });
        var bare = new FileInfo(file.Path).Length;
        var notebook = file.Read();
        var before = NotebookChecker.OutputBytes(notebook, file.Path);
        Show(notebook, "text/plain", "zwölf");
        NotebookFile.Write(notebook, file.Path);
        Assert.Equal(new FileInfo(file.Path).Length - bare, NotebookChecker.OutputBytes(notebook, file.Path) - before);
        Assert.Single(notebook.Cells[1].Outputs);
    }

    [Theory]
    [InlineData("hf_", 34, "a Hugging Face token, 'hf_aA1…'")]
    [InlineData("ghp_", 36, "a GitHub token")]
    [InlineData("sk-proj-", 40, "a key of a model service")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----", 0, "a private key")]
    [InlineData("var password = \"", 20, "a password or key in a literal")]
    public void A_key_is_found_and_not_repeated(string start, int length, string kind)
    {
        var key = start + string.Concat(Enumerable.Repeat("aA1b", 20))[..length];
        var source = Assert.Single(Problems(notebook =>
        {
            notebook.Cells[1].Source = $"// first\nvar x = {key}\";";
            CellsHash.Record(notebook);
        }));
        Assert.Contains($"cell at position 2, line 2: what looks like {kind}", source);
        Assert.True(length == 0 || !source.Contains(key[start.Length..]));
        Assert.Contains($"what looks like {kind}", Assert.Single(Problems(notebook => Show(notebook, "text/plain", $"{key}\""))));
    }

    [Theory]
    [InlineData("var token = \"biomedical-token-7\";")]
    [InlineData("password = \"<your password 1>\"")]
    [InlineData("sk-learn and task-specific-models_of_every_kind")]
    [InlineData("hf_hub_download")]
    public void A_word_that_only_resembles_one_is_not(string text) => Assert.Empty(Problems(notebook => notebook.Cells[0].Source = "# " + text));

    [Fact]
    public void Data_of_a_picture_are_not_searched() => Assert.Empty(Problems(notebook =>
        Show(notebook, "text/html", "<img alt='a' src='data:image/png;base64,AKIAAAAAAAAAAAAAAAAA/home/abc=='>")));

    [Theory]
    [InlineData("text/html", "<img src='a.png'>", 1)]
    [InlineData("text/html", "<p><img src='a.png' alt=' '><IMG alt=\"two > one\" src=b></p>", 1)]
    [InlineData("text/html", "<img alt='a curve' src='a.png'>", 0)]
    [InlineData("image/png", "AAAA", 1)]
    [InlineData("image/svg+xml", "<svg><rect/></svg>", 1)]
    [InlineData("image/svg+xml", "<svg><title>a curve</title></svg>", 0)]
    public void A_picture_without_words_is_found(string mime, string content, int expected)
    {
        var problems = Problems(notebook => Show(notebook, mime, content));
        Assert.Equal(expected, problems.Count);
        Assert.All(problems, problem => Assert.Contains("without an alternative text in an output", problem));
    }

    [Theory]
    [InlineData("# ![](a.png)", 1)]
    [InlineData("# ![a curve](a.png) <img alt='x' src='b'>", 0)]
    public void A_picture_in_a_text_needs_words_too(string source, int expected) => Assert.Equal(expected, Problems(notebook => notebook.Cells[0].Source = source).Count);

    [Fact]
    public void Words_in_the_metadata_of_a_picture_count() => Assert.Empty(Problems(notebook =>
    {
        Show(notebook, "image/png", "AAAA");
        notebook.Cells[1].Outputs[0]!["metadata"] = new JsonObject { ["image/png"] = new JsonObject { ["alt"] = "a curve" } };
    }));

    [Fact]
    public void Another_formatting_is_found()
    {
        using var file = Marked(_ => { });
        File.WriteAllText(file.Path, file.Text.Replace("\n ", "\n  "));
        Assert.Contains("not formatted", Assert.Single(NotebookChecker.Check(file.Path, new CheckOptions())).Message);
    }

    private static void Show(Notebook notebook, string mime, string content) => notebook.Cells[1].Outputs.Add(new JsonObject
    {
        ["data"] = new JsonObject { [mime] = content },
        ["metadata"] = new JsonObject(),
        ["output_type"] = "display_data",
    });

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
