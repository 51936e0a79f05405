using System.CommandLine;
using Bft.Research.Data.Sources;

namespace Bft.Cli;

/// <summary><c>bft data</c>: lists the data sets and models with their official sources, and fetches them.</summary>
internal static class DataCommand
{
    public static Command Create()
    {
        var folder = new Option<string?>("--folder") { Description = "data folder; otherwise BFT_DATA, otherwise the user's cache", Recursive = true };
        var command = new Command("data", "List data sets and models, and fetch them from their official sources.") { folder };
        command.Subcommands.Add(List(folder));
        command.Subcommands.Add(Get(folder));
        return command;
    }

    private static Command List(Option<string?> folder)
    {
        var command = new Command("list", "Show every set: what is here, size, licence.");
        command.SetAction(result =>
        {
            var data = Resolve(result.GetValue(folder));
            Console.WriteLine($"data folder: {data.Root}");
            foreach (var set in DataCatalogue.Default.Sets)
            {
                Console.WriteLine($"{set.Name,-24} {set.Files.Count(data.Has),4} of {set.Files.Count,4} files {Size(set.KnownBytes),10}  {set.About}");
                Console.WriteLine($"{"",-24} licence: {set.Licence}");
            }
        });
        return command;
    }

    private static Command Get(Option<string?> folder)
    {
        var names = new Argument<string[]>("NAME") { Description = "sets to fetch", Arity = ArgumentArity.OneOrMore };
        var command = new Command("get", "Fetch sets into the data folder. A download that was broken off is resumed.") { names };
        command.SetAction(async (result, cancellationToken) =>
        {
            var data = Resolve(result.GetValue(folder));
            DataSet[] sets = [.. result.GetValue(names)!.Select(DataCatalogue.Default.Find)];
            using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
            foreach (var set in sets)
                await Get(set, data, new(client), cancellationToken);
            return Verb.Success;
        });
        return command;
    }

    private static async Task Get(DataSet set, DataFolder data, DataDownloader downloader, CancellationToken cancellationToken)
    {
        Console.WriteLine($"{set.Name}: {set.About}");
        Console.WriteLine($"  licence: {set.Licence}");
        foreach (var page in set.Pages)
            Console.WriteLine($"  see {page}");
        foreach (var file in set.Files)
        {
            if (data.Has(file))
                continue;
            await downloader.GetAsync(file, data, null, cancellationToken);
            Console.WriteLine($"  {file.Target} {Size(new FileInfo(data.PathOf(file.Target)).Length)}{(file.Sha256 is null ? " (no checksum known)" : "")}");
        }

        foreach (var made in set.MadeHere.Where(made => !File.Exists(data.PathOf(made))))
            Console.WriteLine($"  {made} is derived from the others and not published");
    }

    private static DataFolder Resolve(string? asked) =>
        DataFolder.Resolve(asked ?? Environment.GetEnvironmentVariable("BFT_DATA"));

    private static string Size(long bytes) => bytes < 1_000_000 ? $"{bytes / 1e3:0.0} kB" : $"{bytes / 1e6:0.0} MB";
}
