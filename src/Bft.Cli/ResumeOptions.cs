using System.CommandLine;
using System.CommandLine.Parsing;
using Bft.Research.Devices;
using Bft.Research.Runs;
using Bft.Research.Training;

namespace Bft.Cli;

/// <summary>The options of <c>bft train</c> that go on with a run, or prove that one can.</summary>
internal sealed class ResumeOptions
{
    private readonly Option<string?> _resume = new("--resume") { Description = "go on with the run in this folder, from its newest checkpoint or the given one; other options may be left out" };
    private readonly Option<int?> _stopAfter = new("--stop-after") { Description = "pause after this many steps of the run, to go on later with --resume" };

    private readonly Option<bool> _verify = new("--verify-resume") { Description = "do not train: prove that this run, killed and resumed, comes out byte by byte as one that was not, and write a certificate into --output" };
    private readonly Option<int> _verifySteps = new("--verify-steps") { Description = "steps of the runs of --verify-resume", DefaultValueFactory = _ => 8 };
    private readonly Option<int> _kills = new("--kills") { Description = "kills of --verify-resume, at moments drawn by the seed of the run", DefaultValueFactory = _ => 1 };

    private readonly Option<bool> _rounding = new("--allow-rounding") { Description = "let --resume go on with another --batch and --accumulation (as many rows a step) or gradientCheckpointing; numbers then differ in their last digits" };

    private Option[] All => [_resume, _stopAfter, _rounding, _verify, _verifySteps, _kills];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    public bool Verifies(ParseResult result) => result.GetValue(_verify);

    /// <summary>Proves on the run that was asked for that it can be killed.</summary>
    /// <exception cref="InvalidDataException">An option is wrong, or the run fails by itself.</exception>
    public ResumeCertificate Verify(ParseResult result, RunOptions options, CancellationToken cancellationToken)
    {
        int steps = result.GetValue(_verifySteps), kills = result.GetValue(_kills);
        if (steps < 1 || kills < 1)
            throw new InvalidDataException($"{(steps < 1 ? _verifySteps.Name : _kills.Name)}: expected a whole number above 0, actual {(steps < 1 ? steps : kills)}.");
        if (result.GetValue(_resume) is not null)
            throw new InvalidDataException($"{_verify.Name}: expected no {_resume.Name} beside it.");
        var verification = new ResumeVerification(Arguments(result), Path.Combine(options.Output, "verify-resume"))
        {
            Steps = Math.Min(steps, RunRows.Read(options).Plan.Steps),
            Kills = kills,
            Seed = (ulong)options.Trainer.Seed,
            Notes = new TrainingProgress(steps),
        };
        var certificate = verification.Run(cancellationToken);
        certificate.Write(options.Output);
        return certificate;
    }

    /// <summary>The arguments of this command line without those that say where and how far.</summary>
    private List<string> Arguments(ParseResult result)
    {
        Option[] own = [.. All, .. result.CommandResult.Command.Options.Where(option => option.Name is "--output" or "--checkpoint-every")];
        var dropped = own.Select(result.GetResult).OfType<OptionResult>().Where(given => !given.Implicit)
            .SelectMany(given => given.Tokens.Prepend(given.IdentifierToken!)).ToHashSet(ReferenceEqualityComparer.Instance);
        return [.. result.Tokens.Where(token => !dropped.Contains(token)).Skip(1).Select(token => token.Value)];
    }

    /// <summary>The options that the run to be resumed wrote, or null for a new run.</summary>
    /// <exception cref="InvalidDataException">There is no run in the folder.</exception>
    public string? OptionsFile(ParseResult result) => result.GetValue(_resume) is { } folder ? TrainingRun.OptionsOf(folder) : null;

    /// <summary>Opens a new run, or one to be resumed.</summary>
    public TrainingRun Open(ParseResult result, RunOptions options)
    {
        var workspace = Environment.GetEnvironmentVariable(Determinism.WorkspaceVariable);
        var run = result.GetValue(_resume) is { } folder ? TrainingRun.Resume(folder, options, cublasWorkspace: workspace) : TrainingRun.Open(options, cublasWorkspace: workspace);
        run.StopAfter = result.GetValue(_stopAfter);
        run.AllowRounding = result.GetValue(_rounding);
        return run;
    }
}
