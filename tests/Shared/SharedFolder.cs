namespace Bft.Tests;

/// <summary>Finds the reference values and data sets that lie beside a checkout. Absent: tests that need them are skipped, or fail when CI=true.</summary>
internal static class SharedFolder
{
    /// <summary>The folder that holds <c>data/</c> and <c>golden/</c>, or null.</summary>
    public static string? Root { get; } = Find();

    /// <summary>Path below the folder; skips the running test (or fails it under CI) when it is absent.</summary>
    public static string Require(params string[] parts)
    {
        var path = Root is null ? null : Path.Combine([Root, .. parts]);
        if (path is not null && (File.Exists(path) || Directory.Exists(path)))
            return path;
        Missing.Skip($"needs {string.Join('/', parts)} in the shared folder (set BFT_DATA to its data/ folder)");
        return "";
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("BFT_DATA") is { Length: > 0 } data)
            return Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)));
        var beside = Path.Combine(Checkout.Root, "..", "shared");
        return Directory.Exists(Path.Combine(beside, "data")) ? Path.GetFullPath(beside) : null;
    }
}

/// <summary>The checkout that the tests were built from.</summary>
internal static class Checkout
{
    /// <summary>The folder of <c>Bft.sln</c>.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Bft.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"Bft.sln was not found above {AppContext.BaseDirectory}.");
    }
}
