using System.Globalization;

namespace Bft.Benchmarks;

/// <summary>Which kernel is measured and how often.</summary>
internal sealed record KernelSetting
{
    /// <summary>The program <c>bft</c>; by default that of this checkout.</summary>
    public string Program { get; init; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../../src/Bft.Cli/bin/Release/net10.0/linux-x64/bft"));

    /// <summary>Fresh processes, each for C# and for F#.</summary>
    public int Starts { get; init; } = 5;

    /// <summary>Seconds between a first C# cell and the first F# cell of the same process.</summary>
    public int Rest { get; init; } = 5;

    /// <summary>Interrupts of every pattern.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Only the patterns whose name contains this; null for all.</summary>
    public string? Only { get; init; }

    /// <summary>Environment variables of the kernel beside those of its kernelspec.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    public static KernelSetting Parse(IReadOnlyList<string> arguments)
    {
        var setting = new KernelSetting();
        for (var i = 0; i + 1 < arguments.Count; i += 2)
        {
            var value = arguments[i + 1];
            int Number() => int.Parse(value, CultureInfo.InvariantCulture);
            setting = arguments[i] switch
            {
                "--program" => setting with { Program = Path.GetFullPath(value) },
                "--starts" => setting with { Starts = Number() },
                "--rest" => setting with { Rest = Number() },
                "--rounds" => setting with { Rounds = Number() },
                "--only" => setting with { Only = value },
                "--set" => setting with { Variables = value.Split(',').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]) },
                var other => throw new ArgumentException($"Unknown option {other}."),
            };
        }

        return setting;
    }
}
