using System.Text.Json.Nodes;
using Bft.Notebooks.Files;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>One file in our runner and kernel (<see cref="JupyterTests"/>) and in the last .NET Interactive, figures included.</summary>
public class ThreeHostsTests
{
    private const string Html = "text/html";
    private const string Figure = "class='bft-figure'";
    private static readonly string s_notebooks = Path.Combine(Checkout.Root, "notebooks");

    /// <summary>Both languages, libtorch, an object of a library there and back, a figure of each language.</summary>
    private static readonly string[] s_cells =
    [
        NotebookTemplate.Setup,
        "#r \"../artifacts/notebooks/TorchSharp.dll\"\nvar curve = new Curve(\"a\", \"Step (1)\", \"Loss (nats)\", [0, 1, 2], [3, 2, 1]);\nvar sum = TorchSharp.torch.arange(4).sum().item<long>();",
        """
        #!fsharp
        #r "../artifacts/notebooks/Bft.Results.dll"
        #r "../artifacts/notebooks/Bft.Figures.dll"
        #!share --from csharp curve
        #!share --from csharp sum
        let same = curve
        let total = 2L * sum
        Bft.Figures.Draw.Lines("In F#", "It falls.", "A falling line.", [ curve ])
        """,
        "#!share --from fsharp same\n#!share --from fsharp total\nConsole.Write($\"{object.ReferenceEquals(same, curve)} {total}\");",
        "Draw.Lines(\"In C#\", \"It falls.\", \"A falling line.\", [curve])",
    ];

    [Fact]
    public void Languages_share_objects_of_the_libraries_and_figures_show_in_dotnet_interactive_as_in_ours()
    {
        var theirs = RunThere(s_cells);
        Assert.Equal("True 12", theirs[3].Outputs[0].Values.Single());
        var folder = Directory.CreateDirectory(Path.Combine(Checkout.Root, "TestResults", $"hosts-{Guid.NewGuid():N}")).FullName;
        File.WriteAllText(Path.Combine(folder, "small.ipynb"), WrittenNotebook.Of(s_cells));
        var ours = CommandLine.Start(folder, "notebook", "run", "small.ipynb", "--in-place");
        Assert.True(ours.Code == 0, ours.Error);
        var executed = Code(Path.Combine(folder, "small.ipynb"));
        Directory.Delete(folder, recursive: true);
        foreach (var cell in (int[])[2, 4])
        {
            Assert.Contains(Figure, theirs[cell].Outputs[0][Html], StringComparison.Ordinal);
            Assert.Equal(theirs[cell].Outputs[0][Html], NotebookSections.Text(Html, executed[cell].Outputs[0]!["data"]![Html]));
        }
    }

    /// <summary>Without its last line the setup cell leaves each language with a copy of its own: what one language makes does not arrive in the other.</summary>
    [Fact]
    public void Without_loading_once_dotnet_interactive_has_each_library_twice()
    {
        var wrong = NotebookTemplate.Setup.Replace("Bft.Libraries.LoadOnce();", "", StringComparison.Ordinal);
        Assert.NotEqual(NotebookTemplate.Setup, wrong);
        using var host = DotNetInteractive.Require(s_notebooks);
        Assert.Null(host.Run(wrong).Failure);
        Assert.Null(host.Run("var sum = 1L;\nvar curve = new Curve(\"a\", \"Step (1)\", \"Loss (nats)\", [0, 1, 2], [3, 2, 1]);").Failure);
        Assert.NotNull(host.Run(s_cells[2]).Failure);
    }

    /// <remarks>A quarter of a minute, as the notebook takes; the other one takes minutes and is not run.</remarks>
    [Fact]
    public void A_committed_notebook_shows_in_dotnet_interactive_what_it_shows_in_ours()
    {
        var committed = Code(Path.Combine(s_notebooks, "01-uncertainty-structure.ipynb"));
        var theirs = RunThere([.. committed.Select(cell => cell.Source)]);
        Assert.Equal(committed.Select(cell => string.Join("; ", cell.Outputs.Select(Forms))), theirs.Select(cell => string.Join("; ", cell.Outputs.Select(Forms))));
        Assert.True(theirs.Sum(cell => cell.Outputs.Count(output => output.GetValueOrDefault(Html)?.Contains(Figure, StringComparison.Ordinal) == true)) >= 8);

        static string Forms(object? output) => output is JsonNode ours
            ? Forms((ours["data"]?.AsObject() ?? []).ToDictionary(form => form.Key, form => NotebookSections.Text(form.Key, form.Value)))
            : string.Join(' ', ((IReadOnlyDictionary<string, string>)output!).OrderBy(form => form.Key, StringComparer.Ordinal).Select(form => form.Value.Contains(Figure, StringComparison.Ordinal) ? "figure" : form.Key));
    }

    private static List<HostedCell> RunThere(IReadOnlyList<string> cells)
    {
        using var host = DotNetInteractive.Require(s_notebooks);
        var ran = new List<HostedCell>();
        foreach (var cell in cells)
        {
            ran.Add(host.Run(cell));
            Assert.True(ran[^1].Failure is null, $"{cell}\n{ran[^1].Failure}");
        }

        return ran;
    }

    private static List<NotebookCell> Code(string path) => [.. NotebookFile.Read(path).Cells.Where(cell => cell.Kind == CellKind.Code && !string.IsNullOrWhiteSpace(cell.Source))];
}
