using System.Reflection;
using Bft.Research.Devices;
using Bft.Results;

namespace Bft.Research.Runs;

/// <summary>Writes <c>run.json</c>: what ran on what, with hashes of model and rows, and versions.</summary>
internal static class RunRecord
{
    public const string FileName = "run.json";

    /// <summary>Writes the record; an earlier one is replaced.</summary>
    public static void Write(TrainingRun run, double seconds) => new RunManifest
    {
        Name = "train",
        Profile = "own",
        Seed = run.Options.Trainer.Seed,
        Model = ContentIdentity.Of(run.Options.Model, run.Options.Model),
        Data = [.. run.Options.Data.Concat(run.Options.HeldOut).Select(source => ContentIdentity.Of(source.File, source.File))],
        Options = RunManifest.FlattenOptions(run.Options),
        Versions = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["Bft"] = Version(typeof(RunRecord).Assembly),
            ["TorchSharp"] = Version(typeof(torch).Assembly),
            [".NET"] = Environment.Version.ToString(),
        },
        Device = run.Model.Device.type == DeviceType.CPU ? Processor.Describe() : run.Model.Device.ToString(),
        WallSeconds = seconds,
    }.Write(Path.Combine(run.Options.Output, FileName));

    private static string Version(Assembly assembly) => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? assembly.GetName().Version!.ToString();
}
