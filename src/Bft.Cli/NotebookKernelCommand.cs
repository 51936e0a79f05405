using System.CommandLine;
using System.Globalization;
using Bft.Notebooks.Jupyter;

namespace Bft.Cli;

/// <summary><c>bft notebook install</c> and <c>bft notebook kernel</c>: the same cells under Jupyter.</summary>
internal static class NotebookKernelCommand
{
    public static Command CreateInstall()
    {
        var name = new Option<string>("--name") { Description = "name of the kernel", DefaultValueFactory = _ => KernelSpec.DefaultName };
        var user = new Option<bool>("--user") { Description = "install for this user (the default)" };
        var prefix = new Option<string?>("--prefix") { Description = "install below DIR/share/jupyter instead", HelpName = "DIR" };
        var force = new Option<bool>("--force") { Description = "replace another kernel of this name" };
        var command = new Command("install", "Register this build as a Jupyter kernel.") { name, user, prefix, force };
        command.SetAction(async (result, _) =>
        {
            var folder = result.GetValue(prefix) is { } root ? Path.Combine(Path.GetFullPath(root), "share", "jupyter") : UserDataFolder();
            if (result.GetValue(user) && result.GetValue(prefix) is not null)
                throw new ArgumentException("--user and --prefix exclude each other.");
            var path = KernelSpec.Install(folder, result.GetValue(name)!, [.. ThisProgram(), "notebook", "kernel"], result.GetValue(force));
            await Console.Out.WriteLineAsync(path);
            return Verb.Success;
        });
        return command;
    }

    public static Command CreateKernel()
    {
        var file = new Argument<string>("CONNECTION_FILE") { Description = "written by the front end that starts the kernel" };
        var command = new Command("kernel", "Serve a Jupyter front end (what 'install' registers).") { file };
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = new KernelOptions
            {
                WorkingFolder = Environment.CurrentDirectory,
                ShownAsText = [typeof(TorchSharp.torch.Tensor)],
                ParentProcess = int.TryParse(Environment.GetEnvironmentVariable("JPY_PARENT_PID"), CultureInfo.InvariantCulture, out var parent) ? parent : null,
                Log = Console.Error,
            };
            await JupyterKernel.RunAsync(result.GetValue(file)!, options, cancellationToken);
            Environment.Exit(Verb.Success); // threads that a cell started may be running
            return Verb.Success;
        });
        return command;
    }

    private static string[] ThisProgram()
    {
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, typeof(NotebookKernelCommand).Assembly.Location] : [program];
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
