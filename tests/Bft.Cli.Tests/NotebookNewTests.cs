using System.Text.Json.Nodes;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>From <c>bft notebook new</c> to exported figures, with the built program.</summary>
public sealed class NotebookNewTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_notebook_passes_the_check_runs_as_it_is_and_gives_its_figure_as_files()
    {
        Succeeds("notebook", "new", "mine.ipynb", "--claim", "Water is \"wet\"");
        Succeeds("notebook", "check", "mine.ipynb");
        Succeeds("notebook", "run", "mine.ipynb", "--in-place");
        Succeeds("notebook", "check", "mine.ipynb");

        var listed = Succeeds("notebook", "figures", "mine.ipynb", "--out", "pictures").Output;
        Assert.Contains("pictures/mine/cell-08-1 (svg, json, html", listed, StringComparison.Ordinal);
        var figure = JsonNode.Parse(File.ReadAllText(_folder["pictures/mine/cell-08-1.json"]))!;
        Assert.Equal(["SFT", "BFT v3"], figure["data"]!.AsArray().Select(trace => trace!["name"]?.GetValue<string>()).Where(name => name is not null).Distinct());
        Assert.StartsWith("<svg", File.ReadAllText(_folder["pictures/mine/cell-08-1.svg"]), StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", File.ReadAllText(_folder["pictures/mine/cell-08-1.html"]), StringComparison.Ordinal);

        var executed = File.ReadAllText(_folder["mine.ipynb"]);
        Succeeds("notebook", "strip", "mine.ipynb");
        Assert.True(File.ReadAllText(_folder["mine.ipynb"]).Length < executed.Length);
    }

    [Fact]
    public void Every_committed_notebook_has_the_setup_cell_of_a_new_one()
    {
        var notebooks = Directory.GetFiles(Path.Combine(Checkout.Root, "notebooks"), "*.ipynb");
        Assert.NotEmpty(notebooks);
        Assert.All(notebooks, path => Assert.Equal(Lines(NotebookTemplate.Setup), Lines(Setup(File.ReadAllText(path)))));
        Assert.NotEqual(Lines(NotebookTemplate.Setup), Lines(NotebookTemplate.Setup.Replace("Bft.Figures", "Bft.Figurs", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_is_overwritten_and_a_claim_is_one_line()
    {
        File.WriteAllText(_folder["mine.ipynb"], "x");
        Start("notebook", "new", "mine.ipynb").IsOneClearError("mine.ipynb: exists already");
        Start("notebook", "new").IsOneClearError("FILE is missing");
        Start("notebook", "new", "mine.txt").IsOneClearError("mine.txt: expected a name that ends in .ipynb");
        Start("notebook", "new", "other.ipynb", "--claim", "a\nb").IsOneClearError("--claim: expected one line");
        Assert.Equal("x", File.ReadAllText(_folder["mine.ipynb"]));
        Assert.False(File.Exists(_folder["other.ipynb"]));
    }

    private static string Setup(string notebook) => JsonNode.Parse(notebook)!["cells"]!.AsArray()
        .Select(cell => cell!["source"] is JsonArray lines ? string.Concat(lines.Select(line => line!.GetValue<string>())) : cell["source"]!.GetValue<string>())
        .First(source => source.StartsWith("#r", StringComparison.Ordinal));

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private Outcome Start(params string[] args) => CommandLine.Start(_folder.Path, args);

    private Outcome Succeeds(params string[] args)
    {
        var outcome = Start(args);
        Assert.True(outcome.Code == Verb.Success, $"{string.Join(' ', args)}: exit code {outcome.Code}: {outcome.Error}");
        return outcome;
    }
}
