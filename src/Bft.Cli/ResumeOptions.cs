using System.CommandLine;
using Bft.Research.Runs;

namespace Bft.Cli;

/// <summary>The options of <c>bft train</c> that go on with a run, or prove that one can.</summary>
internal sealed class ResumeOptions
{
    private readonly Option<string?> _resume = new("--resume") { Description = "go on with the run in this folder, from its newest checkpoint or the given one; other options may be left out" };
    private readonly Option<int?> _stopAfter = new("--stop-after") { Description = "pause after this many steps of the run, to go on later with --resume" };

    public void AddTo(Command command)
    {
        command.Add(_resume);
        command.Add(_stopAfter);
    }

    /// <summary>The options that the run to be resumed wrote, or null for a new run.</summary>
    /// <exception cref="InvalidDataException">There is no run in the folder.</exception>
    public string? OptionsFile(ParseResult result) => result.GetValue(_resume) is { } folder ? TrainingRun.OptionsOf(folder) : null;

    /// <summary>Opens a new run, or one to be resumed.</summary>
    public TrainingRun Open(ParseResult result, RunOptions options)
    {
        var run = result.GetValue(_resume) is { } folder ? TrainingRun.Resume(folder, options) : TrainingRun.Open(options);
        run.StopAfter = result.GetValue(_stopAfter);
        return run;
    }
}
