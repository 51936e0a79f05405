using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Bft.Notebooks.Running;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary><c>bft notebook run</c>: several notebooks, each in a process of its own.</summary>
public sealed class NotebookRunTests : IDisposable
{
    private readonly string[] _names = ["a.ipynb", "b.ipynb"];
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private const string Wait = "while (true)\n    System.Threading.Thread.Sleep(50);";

    // past the session's console, as native code writes; it is read beside the events of cells, so a line just before the next cell may count as that cell's: hence the sleep
    private const string Native = "[System.Runtime.InteropServices.DllImport(\"libc\")] static extern nint write(int file, byte[] text, nint count);\n"
        + "void Say(string text) { var bytes = System.Text.Encoding.UTF8.GetBytes(text + \"\\n\"); write(2, bytes, bytes.Length); }\nSay(\"not this\");\nSystem.Threading.Thread.Sleep(1000);";

    // ends at once and without clearing up, as FailFast does, but without seconds of crash report
    private const string Kill = "Say(\"no memory for tensors\");\nSystem.Diagnostics.Process.GetCurrentProcess().Kill();";

    [Fact]
    public void Every_notebook_has_its_outcome_and_one_that_ends_its_process_leaves_the_others_alone()
    {
        Write("a-good.ipynb", "Console.Write(seed);");
        Write("b-fails.ipynb", "1", "var x = 1;\nthrow new InvalidOperationException(\"loss is NaN\");", "2");
        Write("c-dies.ipynb", Native, Kill);
        Write("d-slow.ipynb", Wait);
        var outcome = CommandLine.Start(_folder.Path, "notebook", "run", ".", "--jobs", "2", "--memory", "0.1", "--cell-timeout", "15s", "--out", "done", "--report", "report.xml", "-p", "seed=9");
        Assert.Equal(Verb.Failure, outcome.Code);
        Assert.Contains("b-fails.ipynb: cell 4 (position 4), line 2: System.InvalidOperationException: loss is NaN", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("c-dies.ipynb: cell 4 (position 4), line 2: ProcessEnded: The process of this cell ended with exit code 137", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("    no memory for tensors\n", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("not this", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("d-slow.ipynb: cell 3 (position 3): TimeoutError: The cell took longer than 15 s.", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(["succeeded", "cell 4 failed", "cell 4 ended its process", "cell 3 ran out of time"], outcome.Output.TrimEnd().Split('\n')[2..].Select(line => line.Split("  ")[^1].Trim()));
        Assert.Equal(["a-good.ipynb", "b-fails.ipynb", "c-dies.ipynb", "d-slow.ipynb"], Directory.GetFiles(_folder["done"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("\"9\"", File.ReadAllText(Path.Combine(_folder["done"], "a-good.ipynb")), StringComparison.Ordinal);
        var suites = XDocument.Load(_folder["report.xml"]).Root!.Elements().Select(suite => $"{suite.Attribute("failures")!.Value}{suite.Attribute("errors")!.Value}");
        Assert.Equal(["00", "10", "01", "01"], suites);
    }

    [Fact]
    public async Task Wrong_input_is_named_before_anything_runs()
    {
        Write("a.ipynb", "System.IO.File.WriteAllText(\"ran.txt\", \"\");");
        Write("b.ipynb", "1");
        var none = JsonNode.Parse(File.ReadAllText(_folder["b.ipynb"]))!;
        none["cells"]![0]!["source"] = "string sead = \"x\";";
        File.WriteAllText(_folder["b.ipynb"], none.ToJsonString());
        (await CommandLine.RunAsync("notebook", "run", _folder.Path, "-p", "seed=3")).IsOneClearError("b.ipynb", "unknown parameter seed; the nearest is sead");
        (await CommandLine.RunAsync("notebook", "run", _folder.Path, "--out", _folder["one.ipynb"])).IsOneClearError("one.ipynb: 2 notebooks need a folder");
        (await CommandLine.RunAsync("notebook", "run", _folder.Path, "--budget", "soon")).IsOneClearError("--budget soon", "90, 5m or 1h30m");
        (await CommandLine.RunAsync("notebook", "run", _folder.Path, "--jobs", "0")).IsOneClearError("Jobs: expected at least 1, got 0");
        (await CommandLine.RunAsync("notebook", "run", _folder["a.ipynb"], "--in-place", "--out", _folder["x"])).IsOneClearError("exclude each other");
        Assert.Equal(["a.ipynb", "b.ipynb"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_the_budget_does_not_reach_is_not_started_and_in_place_replaces_only_what_succeeded()
    {
        Write("a.ipynb", Wait);
        Write("b.ipynb", "1");
        var before = _names.Select(name => File.ReadAllText(_folder[name])).ToList();
        var outcome = await CommandLine.RunAsync("notebook", "run", _folder.Path, "--in-place", "--budget", "3s", "--report", _folder["report.xml"]);
        Assert.Equal(3, outcome.Code);
        Assert.Equal(before, _names.Select(name => File.ReadAllText(_folder[name])));
        Assert.Equal(["1", "1"], XDocument.Load(_folder["report.xml"]).Root!.Elements().Select(suite => suite.Attribute("errors")!.Value));
        Assert.Equal(Verb.Success, (await CommandLine.RunAsync("notebook", "run", _folder["b.ipynb"], "--in-place")).Code);
        Assert.NotEqual(before[1], File.ReadAllText(_folder["b.ipynb"]));
    }

    [Fact]
    public async Task A_cancelled_run_leaves_no_process_behind()
    {
        Write("a.ipynb", "System.IO.File.WriteAllText(\"pid.txt\", $\"{Environment.ProcessId}\");", Wait);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMinutes(1)); // in case the cell is never reached
        var options = new BatchOptions
        {
            Worker = [.. ThisProgram.Command(), "notebook", "worker"],
            Progress = new Immediate(progress => { if (progress.Cell is { Number: 3, Elapsed: null }) cancellation.Cancel(); }),
        };
        var report = Assert.Single(await NotebookBatch.RunAsync([new(_folder["a.ipynb"], null)], options, cancellation.Token));
        Assert.True(report.Failure is { Kind: FailureKind.Cancelled }, $"{report} {string.Join('\n', report.Failure?.Trace ?? [])}");
        Assert.Equal(130, report.ExitCode);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(int.Parse(File.ReadAllText(_folder["pid.txt"]))));
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("1.5", 1.5)]
    [InlineData("5m", 300)]
    [InlineData("1h30m", 5400)]
    [InlineData("1h2m3s", 3723)]
    public void Times_are_read(string text, double seconds) => Assert.Equal(seconds, DurationText.Parse("--budget", text)!.Value.TotalSeconds, 1e-9);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("5x")]
    [InlineData("m5")]
    [InlineData("-5")]
    [InlineData("5m 3s")]
    public void What_is_no_time_is_refused(string text) => Assert.Contains($"--budget {text}: expected a time", Assert.Throws<ArgumentException>(() => DurationText.Parse("--budget", text)).Message, StringComparison.Ordinal);

    /// <summary>A notebook whose first cell declares a seed.</summary>
    private void Write(string name, params string[] cells) => File.WriteAllText(_folder[name], WrittenNotebook.Of(["// parameters\nlong seed = 7;", .. cells]));

    private sealed class Immediate(Action<BatchProgress> act) : IProgress<BatchProgress>
    {
        public void Report(BatchProgress value) => act(value);
    }
}
