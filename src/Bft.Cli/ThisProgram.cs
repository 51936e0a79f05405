namespace Bft.Cli;

/// <summary>How this program is started again: as the kernel that Jupyter starts, as the process of one notebook, as a run that is killed and resumed.</summary>
internal static class ThisProgram
{
    /// <summary>The program and, where it is started through <c>dotnet</c>, its assembly.</summary>
    public static string[] Command()
    {
        var assembly = typeof(ThisProgram).Assembly.Location;
        var beside = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        if (assembly.Length == 0)
            return [Environment.ProcessPath!];
        if (File.Exists(beside))
            return [beside];
        return [Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet", assembly];
    }
}
