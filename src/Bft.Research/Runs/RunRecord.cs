using System.Reflection;
using Bft.Results;

namespace Bft.Research.Runs;

/// <summary><c>run.json</c>: what ran on what, with hashes of model and rows, and versions.</summary>
internal sealed class RunRecord
{
    private const string FileName = "run.json";
    private readonly RunManifest _manifest;
    private readonly string _path;

    private RunRecord(RunManifest manifest, string path) => (_manifest, _path) = (manifest, path);

    /// <summary>Describes a run; reads every byte of its rows.</summary>
    public static RunRecord Of(TrainingRun run) => new(
        new()
        {
            Name = "train",
            Profile = "own",
            Seed = run.Options.Trainer.Seed,
            Model = run.Files.Identity,
            Data = [.. run.Options.Data.Concat(run.Options.HeldOut).Select(source => source.File).Append(run.Options.Forgetting).OfType<string>().Distinct().Select(file => ContentIdentity.Of(file, file))],
            Options = RunManifest.FlattenOptions(run.Options),
            Versions = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["Bft"] = Version(typeof(RunRecord).Assembly),
                ["TorchSharp"] = Version(typeof(torch).Assembly),
                [".NET"] = Environment.Version.ToString(),
            },
            Device = run.Setup.Device.Hardware,
            WallSeconds = 0,
        },
        Path.Combine(run.Options.Output, FileName));

    /// <summary>Writes the record; an earlier one is replaced.</summary>
    /// <param name="seconds">Time that the run has taken.</param>
    public void Write(double seconds) => (_manifest with { WallSeconds = seconds }).Write(_path);

    private static string Version(Assembly assembly) => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? assembly.GetName().Version!.ToString();
}
