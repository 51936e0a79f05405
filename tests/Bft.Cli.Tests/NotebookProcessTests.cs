using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>Notebooks whose cells end the process that runs them.</summary>
public sealed class NotebookProcessTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Environment.Exit(3);", "exit code 3 (Environment.Exit)")]
    [InlineData("Environment.Exit(0);", "exit code 0 (Environment.Exit)")]
    [InlineData("Environment.FailFast(\"on purpose\");", "exit code 134 (abort")]
    [InlineData("int Deep(int n) => 1 + Deep(n + 1);\nDeep(0)", "exit code 134 (abort")]
    public void The_cell_that_ends_the_process_is_named_with_what_happened(string code, string reason)
    {
        Write("dying.ipynb", "Console.WriteLine(1);", "", code, "2");
        var run = CommandLine.Start(_folder.Path, "notebook", "run", "dying.ipynb", "--out", "executed.ipynb");
        Assert.Equal(Verb.Failure, run.Code);
        Assert.Contains("dying.ipynb: cell 3 (position 3): ProcessEnded: The process of this cell ended with " + reason, run.Error);
        Assert.False(File.Exists(_folder["executed.ipynb"]));
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
