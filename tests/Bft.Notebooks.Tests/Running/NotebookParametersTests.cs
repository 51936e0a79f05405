using Bft.Notebooks.Files;
using Bft.Notebooks.Running;

namespace Bft.Notebooks.Tests.Running;

/// <summary>Literals in the cell tagged <c>parameters</c>, other values in a cell behind it.</summary>
public class NotebookParametersTests
{
    private const string CSharp = "// parameters\n#!csharp\nvar profile = \"mini\"; // scale\nint seed = 7;\nconst double rate = 1e-4;\nvar deep = false;\nvar big = 5L;\nvar half = 0.5f;";
    private const string FSharp = "// parameters\n#!fsharp\nlet profile = \"mini\"\nlet seed : int = 7\nlet rate = 1e-4 // per step";

    [Theory]
    [InlineData(CSharp, "profile", "a\"b", "var profile = \"a\\\"b\";")]
    [InlineData(CSharp, "seed", "-12", "int seed = -12;")]
    [InlineData(CSharp, "rate", "2", "const double rate = 2.0;")]
    [InlineData(CSharp, "rate", "1e-5", "const double rate = 1e-5;")]
    [InlineData(CSharp, "deep", "true", "var deep = true;")]
    [InlineData(CSharp, "big", "6", "var big = 6L;")]
    [InlineData(CSharp, "half", "0.25", "var half = 0.25f;")]
    [InlineData(FSharp, "profile", "gpu", "let profile = \"gpu\"")]
    [InlineData(FSharp, "seed", "9", "let seed : int = 9")]
    [InlineData(FSharp, "rate", "3", "let rate = 3.0")]
    public void A_value_becomes_a_literal_of_the_same_kind(string defaults, string name, string value, string expected)
    {
        using var file = new TestNotebook(defaults, "1");
        var notebook = file.Read();
        NotebookParameters.Apply(notebook, "n.ipynb", new Dictionary<string, string> { [name] = value });
        Assert.Equal(3, notebook.Cells.Count);
        Assert.Equal([NotebookParameters.InjectedTag], notebook.Cells[1].Tags);
        Assert.Equal(expected, notebook.Cells[1].Source.Split('\n')[1]);
        Assert.Equal([1, 2, 3], notebook.Cells.Select(cell => cell.Number));

        NotebookParameters.Apply(notebook, "n.ipynb", new Dictionary<string, string>());
        Assert.Equal(2, notebook.Cells.Count);
    }

    [Theory]
    [InlineData("seed", "1.5", "whole number expected")]
    [InlineData("seed", "7; DeleteEverything()", "whole number expected")]
    [InlineData("rate", "fast", "number expected")]
    [InlineData("rate", "NaN", "number expected")]
    [InlineData("deep", "yes", "truth value expected")]
    [InlineData("speed", "1", "unknown parameter speed; the nearest is seed. Declared: profile, seed")]
    public void A_value_that_does_not_fit_is_refused(string name, string value, string problem)
    {
        using var file = new TestNotebook(CSharp);
        var error = Assert.Throws<NotebookParameterException>(
            () => NotebookParameters.Apply(file.Read(), "n.ipynb", new Dictionary<string, string> { [name] = value }));
        Assert.StartsWith("n.ipynb: ", error.Message);
        Assert.Contains(problem, error.Message);
    }

    [Theory]
    [InlineData("// parameters\nvar seed = Environment.TickCount;", "cell 1, line 2")]
    [InlineData("// parameters\nvar a = 1; var b = 2;", "cell 1, line 2")]
    [InlineData("// parameters\nConsole.WriteLine();", "cell 1, line 2")]
    [InlineData("// parameters\n#!fsharp\n\nlet now = System.DateTime.Now", "cell 1, line 4")]
    [InlineData("// parameters\nvar s = $\"{1}\";", "cell 1, line 2")]
    [InlineData("// parameters\nvar s = f;", "cell 1, line 2")]
    [InlineData("// parameters\nvar s = -;", "cell 1, line 2")]
    public void What_is_not_a_literal_is_named(string source, string place)
    {
        using var file = new TestNotebook(source);
        Assert.Contains(place, Assert.Throws<NotebookParameterException>(() => NotebookParameters.Declared(file.Read(), "n.ipynb")).Message);
    }

    [Fact]
    public void Without_a_tagged_cell_nothing_can_be_set_and_two_are_refused()
    {
        using var none = new TestNotebook("var seed = 7;");
        Assert.Contains("no cell is tagged", Assert.Throws<NotebookParameterException>(
            () => NotebookParameters.Apply(none.Read(), "n", new Dictionary<string, string> { ["seed"] = "1" })).Message);
        using var two = new TestNotebook(CSharp, FSharp);
        Assert.Contains("cells 1 and 2", Assert.Throws<NotebookParameterException>(() => NotebookParameters.Declared(two.Read(), "n")).Message);
    }

    [Fact]
    public async Task The_run_sees_the_given_value_and_the_next_run_the_default()
    {
        using var file = new TestNotebook("// parameters\nvar seed = 7;", "Console.Write(seed);");
        var given = new RunOptions { Parameters = new Dictionary<string, string> { ["seed"] = "9" } };
        var report = await NotebookRunner.RunFileAsync(file.Path, file.Other, given, CancellationToken.None);
        Assert.True(report.Succeeded, report.ToString());
        Assert.Contains("\"9\"", File.ReadAllText(file.Other));
        Assert.Contains(NotebookChecker.Check(file.Other, new CheckOptions()), problem => problem.Message.Contains("given parameters"));

        await NotebookRunner.RunFileAsync(file.Other, file.Other, new RunOptions(), CancellationToken.None);
        Assert.Contains("\"7\"", File.ReadAllText(file.Other));
        Assert.Equal(2, NotebookFile.Read(file.Other).Cells.Count);
    }
}
