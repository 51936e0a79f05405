using System.CommandLine;
using System.Diagnostics;
using Bft.Figures;
using Bft.Notebooks.Files;
using Bft.Notebooks.Running;
using Bft.Results;

namespace Bft.Cli;

/// <summary><c>bft reproduce</c>: runs the notebooks, shows their claims, writes one page with every figure.</summary>
internal static class ReproduceCommand
{
    private const string ProfileParameter = "profile";

    private static readonly Option<string[]> s_notebooks = new("--notebook", "-n") { Description = "run only notebooks whose file name begins so; may be repeated", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string> s_profile = new("--profile") { Description = "scale of the experiments: mini, laptop, gpu or paper", DefaultValueFactory = _ => "mini" };
    private static readonly Option<DirectoryInfo> s_folder = new("--folder") { Description = "folder of the notebooks", DefaultValueFactory = _ => new DirectoryInfo("notebooks") };
    private static readonly Option<DirectoryInfo> s_out = new("--out") { Description = "folder for index.html and the executed notebooks", DefaultValueFactory = _ => new DirectoryInfo("artifacts/reproduction") };
    private static readonly Option<bool> s_keepGoing = new("--keep-going") { Description = "go on with the next notebook after one has failed" };
    private static readonly Option<string?> s_budget = new("--budget") { Description = "longest time for all notebooks together, for example 90, 5m or 1h30m", HelpName = "TIME" };

    public static Command Create()
    {
        s_profile.AcceptOnlyFromAmong("mini", "laptop", "gpu", "paper");
        var command = new Command("reproduce", "Run the notebooks, each in a process of its own, print their claims, write one page with every figure. A claim that fails is a result; a notebook that fails is an error.")
        {
            s_notebooks, s_profile, s_folder, s_out, s_keepGoing, s_budget,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var (profile, folder) = (result.GetValue(s_profile)!, result.GetValue(s_out)!.FullName);
        var budget = DurationText.Parse("--budget", result.GetValue(s_budget));
        var (sections, exitCode, watch) = (new List<ReportSection>(), 0, Stopwatch.StartNew());
        foreach (var file in Files(result.GetValue(s_folder)!.FullName, result.GetValue(s_notebooks) ?? []))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var notebook = NotebookFile.Read(file);
            var left = budget - watch.Elapsed;
            var reason = cancellationToken.IsCancellationRequested ? "the run was cancelled."
                : exitCode != 0 && !result.GetValue(s_keepGoing) ? "an earlier notebook failed; see --keep-going."
                : left <= TimeSpan.Zero ? "the time was used up; see --budget."
                : null;
            if (reason is not null)
            {
                sections.Add(NotebookSections.From(name, notebook, $"Not started, because {reason}"));
                exitCode = exitCode != 0 ? exitCode : left <= TimeSpan.Zero ? RunReport.OutOfTime : Verb.Cancelled;
                continue;
            }

            var executed = Path.Combine(folder, "notebooks", Path.GetFileName(file));
            var report = (await NotebookBatch.RunAsync([new BatchItem(file, executed)], Options(notebook, file, profile, left), cancellationToken))[0];
            await NotebookRunCommand.ShowAsync(report);
            sections.Add(NotebookSections.From(name, NotebookFile.Read(executed), Failure(report)));
            exitCode = exitCode == 0 ? report.ExitCode : exitCode;
        }

        Show(new Report($"Reproduction at profile {profile}", Introduction(sections), [.. sections]), Path.Combine(folder, "index.html"));
        return exitCode;
    }

    private static string Failure(RunReport report) => report.Failure switch
    {
        null => "",
        { Cell: 0 } none => $"{none.Name}: {none.Message}",
        { Line: { } line } known => $"Cell {known.Cell}, line {line}: {known.Name}: {known.Message}",
        var failure => $"Cell {failure.Cell}: {failure.Name}: {failure.Message}",
    };

    /// <summary>A notebook that declares no profile is run as it is.</summary>
    private static BatchOptions Options(Notebook notebook, string file, string profile, TimeSpan? budget)
    {
        var declares = NotebookParameters.Declared(notebook, file).Any(parameter => parameter.Name == ProfileParameter);
        return new BatchOptions
        {
            Worker = NotebookRunCommand.Worker,
            Parameters = declares ? new Dictionary<string, string> { [ProfileParameter] = profile } : [],
            Budget = budget,
            Progress = new NotebookRunCommand.CellLines(),
        };
    }

    private static string[] Files(string folder, string[] prefixes)
    {
        if (!Directory.Exists(folder))
            throw new ArgumentException($"{folder}: no such folder; run in the root of the repository or give --folder.");
        string[] all = [.. Directory.EnumerateFiles(folder, "*.ipynb").Order(StringComparer.Ordinal)];
        bool Begins(string file, string prefix) => Path.GetFileName(file).StartsWith(Path.GetFileName(prefix), StringComparison.OrdinalIgnoreCase);
        var unknown = prefixes.Where(prefix => !all.Any(file => Begins(file, prefix))).ToList();
        if (all.Length == 0 || unknown.Count > 0)
            throw new ArgumentException($"{folder}: no notebook{(unknown.Count > 0 ? $" begins with {string.Join(", ", unknown)}" : "")}. There are: {string.Join(", ", all.Select(Path.GetFileName))}.");
        return [.. all.Where(file => prefixes.Length == 0 || prefixes.Any(prefix => Begins(file, prefix)))];
    }

    private static string Introduction(List<ReportSection> sections)
    {
        var claims = sections.SelectMany(section => section.Claims).ToList();
        int Count(Outcome outcome) => claims.Count(claim => claim.Outcome == outcome);
        return $"{sections.Count(section => section.Failure.Length == 0)} of {sections.Count} notebooks ran to their end. Of {claims.Count} claims "
            + $"{Count(Outcome.Holds)} hold, {Count(Outcome.Fails)} fail, {Count(Outcome.Undecided)} are undecided. All numbers and figures come from this run.";
    }

    private static void Show(Report report, string page)
    {
        ReportPage.Write(report, page);
        var verdicts = new TextTable("Verdict", "Notebook", "Claim and evidence");
        foreach (var row in report.Summary.Rows)
        {
            verdicts.Add(row[2], row[0], row[1].Length == 0 ? row[3] : row[1]);
            if (row[1].Length > 0)
                verdicts.Add("", "", "  " + row[3]);
        }

        Console.WriteLine(verdicts.ToText());
        Console.WriteLine(report.Introduction);
        Console.WriteLine(page);
    }
}
