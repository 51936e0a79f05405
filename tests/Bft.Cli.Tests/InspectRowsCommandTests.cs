using Bft.Tests;

namespace Bft.Cli.Tests;

public sealed class InspectRowsCommandTests : IDisposable
{
    private static readonly string s_model = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-inspect-").FullName;

    [Fact]
    public void Rows_are_shown_in_brackets_where_there_is_no_terminal()
    {
        File.WriteAllText(Path.Combine(_folder, "rows.jsonl"), """{"instruction": "Name a gene.", "output": "TP53"}""");
        File.WriteAllText(Path.Combine(_folder, "run.yaml"), $"model: {s_model}\ndata: rows.jsonl\noutput: out\ncutoff_len: 64\npacking: true\n");
        var shown = CommandLine.Start(_folder, "inspect", "rows", "run.yaml", "--tokens", "--html", "rows.html");
        Assert.Equal((Verb.Success, ""), (shown.Code, shown.Error));
        Assert.Contains("Name a gene.", shown.Output, StringComparison.Ordinal);
        Assert.Contains("⟦TP53", shown.Output, StringComparison.Ordinal);
        Assert.Contains("taught, ends the turn", shown.Output, StringComparison.Ordinal);
        Assert.Contains("an epoch of training: 1 samples in 1 rows", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[", shown.Output, StringComparison.Ordinal);
        Assert.Contains("TP53</span>", File.ReadAllText(Path.Combine(_folder, "rows.html")), StringComparison.Ordinal);
        Assert.Contains("\u001b[", CommandLine.Start(_folder, "inspect", "rows", "run.yaml", "--colour", "true").Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));
    }

    [Fact]
    public async Task A_file_that_training_would_refuse_ends_in_a_failure_and_a_skip_policy_in_success()
    {
        var rows = Path.Combine(_folder, "rows.jsonl");
        File.WriteAllText(rows, """{"instruction": "Name a gene.", "output": "TP53"}""" + "\nnonsense\n");
        Assert.Equal(Verb.Failure, (await CommandLine.RunAsync("inspect", "rows", "--model", s_model, "--data", rows)).Code);
        Assert.Equal(Verb.Success, (await CommandLine.RunAsync("inspect", "rows", "--model", s_model, "--data", rows, "policies=skip")).Code);
        (await CommandLine.RunAsync("inspect", "rows", "--model", s_model, "--data", rows, "--teach", "first")).IsOneClearError("bft inspect rows", "--teach", "first");
        (await CommandLine.RunAsync("inspect", "rows", "--model", s_model, "--data", "none.jsonl")).IsOneClearError("none.jsonl", "no such file");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
