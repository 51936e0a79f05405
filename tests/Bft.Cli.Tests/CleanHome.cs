using System.Diagnostics;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>A home folder with nothing in it, and programs that run there and can write nowhere else: all other file systems are read-only for them.</summary>
/// <remarks>By a mount name space of Linux, with the folder of temporary files still writable; where a machine grants none, programs run there without that.</remarks>
internal sealed class CleanHome : IDisposable
{
    private const string Contained = """
        mapfile -t systems < <(findmnt -rno TARGET -t ext2,ext3,ext4,xfs,btrfs,zfs,overlay,fuse.overlayfs)
        for folder in "$1" /tmp; do mount --bind "$folder" "$folder"; done
        for system in "${systems[@]}"; do mount -o remount,ro,bind "$system"; done
        cd "$2"
        exec "${@:3}"
        """;

    private readonly ScratchFolder _folder = new();

    /// <summary>Makes a home; where NuGet finds packages is kept, for a machine may have no other source.</summary>
    public CleanHome()
    {
        Directory.CreateDirectory(Home);
        var sources = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "NuGet", "NuGet.Config");
        if (File.Exists(sources))
        {
            Directory.CreateDirectory(Path.Combine(Home, ".nuget", "NuGet"));
            File.Copy(sources, Path.Combine(Home, ".nuget", "NuGet", "NuGet.Config"));
        }

        IsContained = true;
        IsContained = Run(Home, "true").Code == 0;
    }

    /// <summary>The home folder.</summary>
    public string Home => _folder["home"];

    /// <summary>False where the machine grants no name space.</summary>
    public bool IsContained { get; }

    /// <summary>Runs a program there.</summary>
    /// <param name="folder">Its current folder.</param>
    /// <param name="command">Program and arguments.</param>
    public Outcome Run(string folder, params string[] command)
    {
        var start = IsContained ? new ProcessStartInfo("unshare", ["-rm", "bash", "-ec", Contained, "bash", _folder.Path, folder, .. command])
            : new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder };
        foreach (var name in (string[])["NUGET_PACKAGES", "NUGET_HTTP_CACHE_PATH", "DOTNET_CLI_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "JUPYTER_DATA_DIR", "JUPYTER_PATH", "JUPYTER_CONFIG_DIR"])
            start.Environment.Remove(name);
        foreach (var (name, value) in ((string, string)[])[("HOME", Home), ("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false"), ("PYDEVD_DISABLE_FILE_VALIDATION", "1")])
            start.Environment[name] = value; // no server of the build outlives it
        return CommandLine.Start(start, "");
    }

    /// <summary>A copy of what is committed, which may be written to.</summary>
    public string Clone()
    {
        var outcome = CommandLine.Start(new ProcessStartInfo("git", ["clone", "-q", "--no-hardlinks", Checkout.Root, _folder["checkout"]]), "");
        Assert.True(outcome.Code == 0, outcome.Error);
        return _folder["checkout"];
    }

    public void Dispose() => _folder.Dispose();
}
