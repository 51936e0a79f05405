using System.CommandLine;
using Bft.Research.Runs;

namespace Bft.Cli;

/// <summary><c>bft inspect model</c>: what a model, an adapter, a checkpoint or a run is.</summary>
internal static class InspectModelCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("PATH") { Description = "folder of a model, an adapter, a checkpoint or a run, or a .gguf file" };
        var json = JsonOutput.Option();
        return new Command("model", "Say what a model (shape, parameters, stored types, memory, tokenizer, template), an adapter, a checkpoint or a run is, and what resuming would do.") { path, json }
            .Does((result, _) =>
            {
                var report = FolderReport.Of(result.GetValue(path)!);
                if (!JsonOutput.Write(result, json, () => new { report.Kind, report.Values }))
                    Console.WriteLine(report);
                return Verb.Success;
            });
    }
}
