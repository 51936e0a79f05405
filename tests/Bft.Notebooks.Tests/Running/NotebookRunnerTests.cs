using System.Text.Json.Nodes;
using Bft.Notebooks.Files;
using Bft.Notebooks.Running;

namespace Bft.Notebooks.Tests.Running;

/// <summary>Runs from the top, writes what Jupyter would store, stops at the first failure.</summary>
public class NotebookRunnerTests
{
    private static readonly RunOptions s_options = new();

    [Fact]
    public async Task A_second_run_gives_the_same_bytes()
    {
        using var notebook = new TestNotebook(
            "# Title",
            "Console.Write(\"a\");\nConsole.WriteLine(\"b\\r\");\nConsole.Error.WriteLine(\"e\");\nConsole.WriteLine(\"c\");",
            "#!time\nvar d = display(\"one\");",
            "d.Update(\"two\");\nEnvironment.CurrentDirectory + \"/data.txt\"",
            "new { A = 1, When = DateTime.UnixEpoch }",
            "",
            "#!markdown\n**bold**\n#!html\n<i>x</i>");
        var report = await NotebookRunner.RunFileAsync(notebook.Path, notebook.Path, s_options, CancellationToken.None);
        Assert.True(report.Succeeded, report.ToString());
        Assert.Equal((5, 0), (report.CellsRun, report.ExitCode));
        var first = notebook.Text;
        await NotebookRunner.RunFileAsync(notebook.Path, notebook.Path, s_options, CancellationToken.None);
        Assert.Equal(first, notebook.Text);
        Assert.Empty(NotebookChecker.Check(notebook.Path, new CheckOptions()));

        var cells = notebook.Read().Cells;
        Assert.Equal(["stdout", "stderr", "stdout"], cells[1].Outputs.Select(output => (string)output!["name"]!));
        Assert.Equal("ab\n", Joined(cells[1].Outputs[0]!["text"]));
        Assert.Equal("two", Joined(Assert.Single(cells[2].Outputs)!["data"]!["text/plain"]));
        Assert.Equal("data.txt", Joined(Assert.Single(cells[3].Outputs)!["data"]!["text/plain"]));
        Assert.Equal("execute_result", (string)cells[3].Outputs[0]!["output_type"]!);
        Assert.DoesNotContain("<style>", Joined(cells[4].Outputs[0]!["data"]!["text/html"]));
        Assert.Null(cells[5].Json["execution_count"]);
        Assert.Equal(["text/markdown", "text/html"], cells[6].Outputs.SelectMany(output => output!["data"]!.AsObject().Select(entry => entry.Key)));
    }

    [Fact]
    public async Task A_failure_names_the_cell_and_leaves_the_file_alone()
    {
        using var notebook = new TestNotebook("# Title", "var a = 1;", "var b = 2;\nthrow new Exception(\"at \" + Environment.CurrentDirectory);", "Console.Write(\"not reached\");");
        var before = notebook.Text;
        var report = await NotebookRunner.RunFileAsync(notebook.Path, notebook.Path, s_options, CancellationToken.None);
        Assert.Equal((1, 2, 3, 2), (report.ExitCode, report.Failure!.Cell, report.Failure.Position, report.Failure.Line!.Value));
        Assert.StartsWith($"{notebook.Path}: cell 2 (position 3), line 2: System.Exception: at ", report.ToString());
        Assert.Equal(before, notebook.Text);

        await NotebookRunner.RunFileAsync(notebook.Path, notebook.Other, s_options, CancellationToken.None);
        var other = NotebookFile.Read(notebook.Other);
        var error = Assert.Single(other.Cells[2].Outputs)!;
        Assert.Equal(("error", "System.Exception", "at ."), ((string)error["output_type"]!, (string)error["ename"]!, (string)error["evalue"]!));
        Assert.Equal(["System.Exception: at .", "   at cell 2, line 2"], error["traceback"]!.AsArray().Select(line => (string)line!));
        Assert.Empty(other.Cells[3].Outputs);
        Assert.Contains(NotebookChecker.Check(notebook.Other, new CheckOptions()), problem => problem.Message.StartsWith("never run to its end"));
    }

    [Fact]
    public async Task Time_limits_stop_a_cell()
    {
        using var notebook = new TestNotebook("var a = 1;", "while (true) { }", "var b = 2;");
        var slow = await NotebookRunner.RunFileAsync(notebook.Path, null, s_options with { CellTimeout = TimeSpan.FromSeconds(2) }, CancellationToken.None);
        Assert.Equal((3, 2, "TimeoutError"), (slow.ExitCode, slow.Failure!.Cell, slow.Failure.Name));
        Assert.Contains("longer than 2 s", slow.Failure.Message);

        using var native = new TestNotebook(
            "using System.Runtime.InteropServices;\n[DllImport(\"libc\")] static extern int pthread_mutex_lock(nint mutex);\n"
            + "var mutex = Marshal.AllocHGlobal(64);\nMarshal.Copy(new byte[64], 0, mutex, 64);\npthread_mutex_lock(mutex);\npthread_mutex_lock(mutex);");
        var stuck = await NotebookRunner.RunFileAsync(
            native.Path, null, s_options with { NotebookTimeout = TimeSpan.FromSeconds(2), Grace = TimeSpan.FromSeconds(0.3) }, CancellationToken.None);
        Assert.Equal(3, stuck.ExitCode);
        Assert.Contains("did not stop", stuck.Failure!.Message);
    }

    [Fact]
    public async Task Wrong_options_are_all_named()
    {
        using var notebook = new TestNotebook("1");
        var error = await Assert.ThrowsAsync<ArgumentException>(() => NotebookRunner.RunFileAsync(
            notebook.Path, null, s_options with { CellTimeout = TimeSpan.Zero, NotebookTimeout = TimeSpan.FromSeconds(-1) }, CancellationToken.None));
        Assert.Contains("CellTimeout", error.Message);
        Assert.Contains("NotebookTimeout", error.Message);
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_named_before_anything_runs()
    {
        using var notebook = new TestNotebook("System.IO.File.WriteAllText(\"ran.txt\", \"\");");
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => NotebookRunner.RunFileAsync(
            notebook.Path, Path.Combine(notebook.Folder, "missing", "out.ipynb"), s_options, CancellationToken.None));
        Assert.False(File.Exists(Path.Combine(notebook.Folder, "ran.txt")));
    }

    [Fact]
    public async Task A_figure_becomes_a_bundle_with_JSON_as_an_object()
    {
        using var notebook = new TestNotebook(
            $"#r \"{typeof(SampleFigure).Assembly.GetName().Name}\"\nnew Bft.Notebooks.Tests.Running.SampleFigure(\"[1, 2]\")",
            "display(new Bft.Notebooks.Tests.Running.SampleFigure(\"[1, \"));");
        var report = await NotebookRunner.RunFileAsync(notebook.Path, notebook.Path, s_options, CancellationToken.None);
        Assert.True(report.Succeeded, report.ToString());
        var cells = notebook.Read().Cells;
        var data = Assert.Single(cells[0].Outputs)!["data"]!.AsObject();
        Assert.Equal(["application/vnd.plotly.v1+json", "image/png", "image/svg+xml", "text/html", "text/plain"], data.Select(entry => entry.Key));
        Assert.Equal(2, data["application/vnd.plotly.v1+json"]!["data"]![1]!.GetValue<int>());
        Assert.Equal("AAAA", (string)data["image/png"]!);
        Assert.IsType<JsonArray>(data["image/svg+xml"]);

        Assert.Contains("did not write JSON", Joined(cells[1].Outputs[0]!["text"]));
        Assert.False(cells[1].Outputs[1]!["data"]!.AsObject().ContainsKey("application/vnd.plotly.v1+json"));
    }

    private static string Joined(JsonNode? lines) => string.Concat(lines!.AsArray().Select(line => (string)line!));
}
