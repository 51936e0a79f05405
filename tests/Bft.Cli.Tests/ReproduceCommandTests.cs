using System.Text.Json.Nodes;

namespace Bft.Cli.Tests;

/// <summary><c>bft reproduce</c> on small notebooks: what runs, what is written, which exit code.</summary>
public sealed class ReproduceCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-reproduce-").FullName;

    private string Page => File.ReadAllText(Path.Combine(_folder, "out", "index.html"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_claim_that_fails_is_a_result_and_the_profile_reaches_the_notebook()
    {
        Write("01-claim.ipynb",
            ("#r \"Bft.Figures\"\nusing Bft.Results;\nusing Bft.Figures;", false),
            ("string profile = \"gpu\";", true),
            ("Draw.Bars(\"Bars at \" + profile, \"set\", \"accuracy (share)\", \"They differ.\", \"Bars.\", [Measured.Of(\"a\", \"\", 0.5)])", false),
            ("ClaimTable.Of(Claim.Of(\"One is two at \" + profile + \".\", Check.Equal(\"equal\", 1, 2, 0.1)))", false));
        var before = File.ReadAllText(Path.Combine(_folder, "01-claim.ipynb"));
        Assert.Equal(0, await Run());
        Assert.Contains("<tr class=\"fails\">", Page, StringComparison.Ordinal);
        Assert.Contains("One is two at mini.", Page, StringComparison.Ordinal);
        Assert.Contains("Bars at mini", Page, StringComparison.Ordinal);
        Assert.Contains("Bars at mini", File.ReadAllText(Path.Combine(_folder, "out", "notebooks", "01-claim.ipynb")), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Path.Combine(_folder, "01-claim.ipynb")));
    }

    [Fact]
    public async Task A_notebook_that_fails_stops_the_run_unless_told_to_go_on()
    {
        Write("01-bad.ipynb", ("throw new InvalidOperationException(\"loss is NaN\");", false));
        Write("02-good.ipynb", ("\"fine\" + 1", false));
        Assert.Equal(1, await Run());
        Assert.Contains("loss is NaN", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("fine1", Page, StringComparison.Ordinal);
        Assert.Equal(1, await Run("--keep-going"));
        Assert.Contains("fine1", Page, StringComparison.Ordinal);
        Assert.Equal(0, await Run("--notebook", "02"));
        Assert.DoesNotContain("loss is NaN", Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_notebook_that_ends_its_process_is_a_row_of_the_table_and_the_others_run()
    {
        Write("01-dies.ipynb", ("1 + 41", false), ("Console.Write(\"epoch 7\");\nSystem.Diagnostics.Process.GetCurrentProcess().Kill();\nSystem.Threading.Thread.Sleep(9000);", false));
        Write("02-good.ipynb", ("\"fine\" + 1", false));
        Assert.Equal(1, await Run("--keep-going"));
        Assert.Contains("Cell 2, line 2: ProcessEnded: The process of this cell ended with exit code 137", Page, StringComparison.Ordinal);
        Assert.All(["42", "epoch 7", "fine1"], (string shown) => Assert.Contains(shown, Page, StringComparison.Ordinal));
        Assert.Equal(1, await Run());
        Assert.DoesNotContain("fine1", Page, StringComparison.Ordinal); // without --keep-going
    }

    [Fact]
    public async Task The_budget_is_for_all_notebooks_together()
    {
        Write("01-slow.ipynb", ("while (true)\n    System.Threading.Thread.Sleep(50);", false));
        Write("02-good.ipynb", ("\"fine\" + 1", false));
        Assert.Equal(3, await Run("--keep-going", "--budget", "3s"));
        Assert.Contains("TimeoutError", Page, StringComparison.Ordinal);
        Assert.Contains("the time was used up", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("fine1", Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_input_is_not_a_run()
    {
        Assert.Equal(2, await Run());
        Write("01.ipynb", ("1", false));
        Assert.Equal(2, await Run("--notebook", "07"));
        Assert.Equal(2, await Run("--profile", "huge"));
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));
    }

    private Task<int> Run(params string[] arguments) =>
        Verb.RunAsync(["reproduce", "--folder", _folder, "--out", Path.Combine(_folder, "out"), .. arguments]);

    private void Write(string name, params (string Source, bool IsParameters)[] cells)
    {
        var notebook = new JsonObject
        {
            ["cells"] = new JsonArray([.. cells.Select((cell, i) => new JsonObject
            {
                ["cell_type"] = "code",
                ["execution_count"] = null,
                ["id"] = $"cell-{i}",
                ["metadata"] = new JsonObject { ["tags"] = cell.IsParameters ? ["parameters"] : new JsonArray() },
                ["outputs"] = new JsonArray(),
                ["source"] = cell.Source,
            })]),
            ["metadata"] = new JsonObject { ["kernelspec"] = new JsonObject { ["name"] = ".net-csharp", ["display_name"] = ".NET (C#)", ["language"] = "C#" } },
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        };
        File.WriteAllText(Path.Combine(_folder, name), notebook.ToJsonString());
    }
}
