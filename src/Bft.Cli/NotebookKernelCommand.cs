using System.CommandLine;
using System.Globalization;
using Bft.Notebooks.Jupyter;
using Bft.Notebooks.Sessions;

namespace Bft.Cli;

/// <summary><c>bft notebook install</c>, <c>uninstall</c> and <c>kernel</c>: the same cells under Jupyter.</summary>
internal static class NotebookKernelCommand
{
    public static Command CreateInstall()
    {
        var name = new Option<string?>("--name") { Description = $"one kernel of this name instead of {KernelSpec.CSharpName} and {KernelSpec.FSharpName}" };
        var language = LanguageOption();
        var (user, prefix) = FolderOptions();
        var force = new Option<bool>("--force") { Description = "replace other kernels of these names without asking" };
        var command = new Command("install", "Register this build as a Jupyter kernel.") { name, language, user, prefix, force };
        command.SetAction(async (result, _) =>
        {
            var folder = DataFolder(result.GetValue(user), result.GetValue(prefix));
            (string Name, string Language)[] wanted = result.GetValue(name) is { } one
                ? [(one, result.GetValue(language)!)]
                : [(KernelSpec.CSharpName, CellLanguage.CSharp), (KernelSpec.FSharpName, CellLanguage.FSharp)];
            var specs = wanted.Select(kernel => (Spec: new KernelSpec(folder, kernel.Name), kernel.Name, kernel.Language)).ToList();
            if (!result.GetValue(force))
                foreach (var (spec, taken, _) in specs)
                    Consent(spec, taken);
            foreach (var (spec, _, spoken) in specs)
                await Console.Out.WriteLineAsync(spec.Install(spoken, [.. ThisProgram.Command(), "notebook", "kernel"]));
            return Verb.Success;
        });
        return command;
    }

    public static Command CreateUninstall()
    {
        var name = new Option<string?>("--name") { Description = $"the kernel of this name instead of {KernelSpec.CSharpName} and {KernelSpec.FSharpName}" };
        var (user, prefix) = FolderOptions();
        var command = new Command("uninstall", "Remove what 'install' registered; kernels of other programs stay.") { name, user, prefix };
        command.SetAction(async (result, _) =>
        {
            var folder = DataFolder(result.GetValue(user), result.GetValue(prefix));
            string[] names = result.GetValue(name) is { } one ? [one] : [KernelSpec.CSharpName, KernelSpec.FSharpName];
            var ours = names.Select(wanted => new KernelSpec(folder, wanted)).Where(spec => spec.IsOurs).ToList();
            if (ours.Count == 0)
                throw new ArgumentException($"There is no kernel of this program named {string.Join(" or ", names)} in {folder}.");
            foreach (var spec in ours)
            {
                spec.Uninstall();
                await Console.Out.WriteLineAsync($"removed {spec.Folder}");
            }

            return Verb.Success;
        });
        return command;
    }

    public static Command CreateKernel()
    {
        var file = new Argument<string>("CONNECTION_FILE") { Description = "written by the front end that starts the kernel" };
        var language = LanguageOption();
        var command = new Command("kernel", "Serve a Jupyter front end (what 'install' registers).") { file, language };
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = new KernelOptions
            {
                WorkingFolder = Environment.CurrentDirectory,
                DefaultLanguage = result.GetValue(language)!,
                ShownAsText = [typeof(TorchSharp.torch.Tensor)],
                ShownBy = PlotlyCharts.Forms,
                ParentProcess = int.TryParse(Environment.GetEnvironmentVariable("JPY_PARENT_PID"), CultureInfo.InvariantCulture, out var parent) ? parent : null,
                Log = Console.Error,
            };
            await JupyterKernel.RunAsync(result.GetValue(file)!, options, cancellationToken);
            Environment.Exit(Verb.Success); // threads that a cell started may be running
            return Verb.Success;
        });
        return command;
    }

    private static Option<string> LanguageOption()
    {
        var language = new Option<string>("--language") { Description = "language of cells that name none", DefaultValueFactory = _ => CellLanguage.CSharp };
        language.AcceptOnlyFromAmong(CellLanguage.CSharp, CellLanguage.FSharp);
        return language;
    }

    private static (Option<bool> User, Option<string?> Prefix) FolderOptions() => (
        new Option<bool>("--user") { Description = "for this user (the default)" },
        new Option<string?>("--prefix") { Description = "below DIR/share/jupyter instead", HelpName = "DIR" });

    private static string DataFolder(bool user, string? prefix)
    {
        if (user && prefix is not null)
            throw new ArgumentException("--user and --prefix exclude each other.");
        return prefix is not null ? Path.Combine(Path.GetFullPath(prefix), "share", "jupyter") : UserDataFolder();
    }

    // Notebooks of the other kernel would run here from now on; only the reader can want that.
    private static void Consent(KernelSpec spec, string name)
    {
        if (spec.Occupant is not { } other || spec.IsOurs)
            return;
        var refusal = $"A kernel named '{name}' ({other}) exists in {spec.Folder}. Choose another name with --name, or replace it with --force.";
        if (Console.IsInputRedirected || Console.IsErrorRedirected)
            throw new ArgumentException(refusal);
        Console.Error.Write($"A kernel named '{name}' ({other}) exists in {spec.Folder}. Replace it? [y/N] ");
        if (!(Console.ReadLine() ?? "").Trim().StartsWith("y", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException(refusal);
    }

    // https://docs.jupyter.org/en/latest/use/jupyter-directories.html
    private static string UserDataFolder()
    {
        if (Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR") is { Length: > 0 } chosen)
            return chosen;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS())
            return Path.Combine(home, "Library", "Jupyter");
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter");
        var data = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        return Path.Combine(string.IsNullOrEmpty(data) ? Path.Combine(home, ".local", "share") : data, "jupyter");
    }
}
