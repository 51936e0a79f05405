using System.Diagnostics;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>The Jupyter of this machine with this build's kernels and nothing else of the user's. Without Jupyter tests are skipped, or fail when CI=true.</summary>
internal sealed class Jupyter
{
    private const string Python = "/usr/bin/python3"; // the one that Debian's packages belong to
    private readonly string _folder;

    private Jupyter(string folder) => _folder = folder;

    /// <summary>Installs the kernels below a folder.</summary>
    public static Jupyter Require(string folder, string module)
    {
        if (!File.Exists(Python) || Start(Python, folder, ["-c", $"import {module}"], "").Code != 0)
            Missing.Skip($"needs Python's {module} of environment/apt-packages.txt");
        Assert.Equal(Verb.Success, CommandLine.Start(folder, "notebook", "install", "--prefix", folder).Code);
        return new Jupyter(folder);
    }

    /// <summary>Runs <c>python3 -m module</c> and types into it.</summary>
    public Outcome Run(string module, string[] arguments, string input = "") => Start(Python, _folder, ["-Xfrozen_modules=off", "-m", module, .. arguments], input);

    /// <summary>Runs a Python program.</summary>
    public Outcome RunScript(string script) => Start(Python, _folder, ["-Xfrozen_modules=off", "-c", script], "");

    /// <summary><c>python3 -m module</c>, to be started by a test that needs it while it runs.</summary>
    public ProcessStartInfo Command(string module, string[] arguments) => Command(Python, _folder, ["-Xfrozen_modules=off", "-m", module, .. arguments]);

    private static Outcome Start(string program, string folder, string[] arguments, string input) => CommandLine.Start(Command(program, folder, arguments), input);

    private static ProcessStartInfo Command(string program, string folder, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder };
        start.Environment["JUPYTER_PATH"] = Path.Combine(folder, "share", "jupyter");
        foreach (var name in new[] { "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR" })
            start.Environment[name] = Path.Combine(folder, "jupyter-of-the-test");
        return start;
    }
}
