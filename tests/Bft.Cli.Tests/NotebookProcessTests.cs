using Bft.Notebooks.Files;
using Bft.Notebooks.Running;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>Notebooks whose cells end the process that runs them.</summary>
public sealed class NotebookProcessTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Environment.Exit(3);", "exit code 3 (Environment.Exit)", "")]
    [InlineData("Environment.FailFast(\"on purpose\");", "exit code 134 (abort", "on purpose")]
    [InlineData("int Deep(int n) => 1 + Deep(n + 1); Deep(0)", "exit code 134 (abort", "Stack overflow.")]
    [InlineData("System.Diagnostics.Process.GetCurrentProcess().Kill(); System.Threading.Thread.Sleep(9000);", "exit code 137 (killed: the system may be out of memory", "")]
    public void The_cell_that_ends_the_process_is_named_and_the_copy_holds_what_was_shown_until_then(string code, string reason, string said)
    {
        Write("dying.ipynb", "display(1);", "", $"Console.Write(\"be\"); Console.Write(\"fore\");\nif (Environment.ProcessId < 0)\n    Console.Write(3);\n{code}", "2");
        var run = CommandLine.Start(_folder.Path, "notebook", "run", "dying.ipynb", "--out", "executed.ipynb", "--report", "report.xml");
        Assert.Equal(Verb.Failure, run.Code);
        var place = "dying.ipynb: cell 3 (position 3), line 4: ProcessEnded: The process of this cell ended with " + reason;
        Assert.Contains(place, run.Error, StringComparison.Ordinal);
        Assert.Contains(place, File.ReadAllText(_folder["report.xml"]), StringComparison.Ordinal);

        var cells = NotebookFile.Read(_folder["executed.ipynb"]).Cells;
        Assert.Equal(["display_data", "", "stream error", ""], cells.Select(cell => string.Join(' ', cell.Outputs.Select(output => (string?)output!["output_type"]))));
        Assert.Equal("before", NotebookSections.Text("text/plain", cells[2].Outputs[0]!["text"]));
        Assert.Contains(reason, (string)cells[2].Outputs[1]!["evalue"]!, StringComparison.Ordinal);
        Assert.Contains(said, string.Join('\n', cells[2].Outputs[1]!["traceback"]!.AsArray()), StringComparison.Ordinal);
        Assert.Contains(NotebookChecker.Check(_folder["executed.ipynb"], new()), problem => problem.Message.Contains("never run to its end", StringComparison.Ordinal));
    }

    [Fact]
    public void In_place_a_notebook_that_ends_its_process_stays_as_it_was()
    {
        Write("dying.ipynb", "1", "Environment.Exit(0);");
        var before = File.ReadAllText(_folder["dying.ipynb"]);
        var run = CommandLine.Start(_folder.Path, "notebook", "run", "dying.ipynb", "--in-place");
        Assert.Equal(Verb.Failure, run.Code);
        Assert.Contains("exit code 0 (Environment.Exit)", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(_folder["dying.ipynb"]));
    }

    [Fact]
    public void A_run_that_ends_by_itself_keeps_its_exit_code_and_its_words()
    {
        Write("fine.ipynb", "1 + 1", "throw new InvalidOperationException(\"no\");");
        var run = CommandLine.Start(_folder.Path, "notebook", "run", "fine.ipynb");
        Assert.Equal(Verb.Failure, run.Code);
        Assert.Contains("fine.ipynb: cell 2 (position 2), line 1: System.InvalidOperationException: no", run.Error);
        Assert.DoesNotContain("ended the process", run.Error);
        Write("fine.ipynb", "1 + 1");
        Assert.Equal(Verb.Success, CommandLine.Start(_folder.Path, "notebook", "run", "fine.ipynb", "--in-place").Code);
        CommandLine.Start(_folder.Path, "notebook", "run", "absent.ipynb").IsOneClearError("absent.ipynb");
    }

    private void Write(string name, params string[] cells) => File.WriteAllText(_folder[name], WrittenNotebook.OfKernel(null, cells));
}
