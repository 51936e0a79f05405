using System.Diagnostics;
using System.Globalization;

namespace Bft.Benchmarks;

/// <summary>Time of a step and the memory it took beyond what was resident before.</summary>
/// <param name="Seconds">Fastest repeat.</param>
/// <param name="Processor">Processor seconds of the repeat that took fewest; steadier than the clock on a machine that others use.</param>
/// <param name="PeakBytes">Peak resident set minus the resident set before the first step; gradients included.</param>
internal sealed record Measurement(double Seconds, double Processor, long PeakBytes)
{
    /// <summary>Measures in this process.</summary>
    public static Measurement Here(Action step, int repeats)
    {
        ResetPeak();
        var before = StatusBytes("VmRSS");
        double seconds = double.PositiveInfinity, processor = double.PositiveInfinity;
        for (var i = 0; i < repeats; i++)
        {
            var used = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            step();
            seconds = Math.Min(seconds, watch.Elapsed.TotalSeconds);
            processor = Math.Min(processor, (Environment.CpuUsage.TotalTime - used).TotalSeconds);
        }

        return new(seconds, processor, StatusBytes("VmHWM") - before);
    }

    /// <summary>Measures a variant in a process of its own.</summary>
    public static Measurement Apart(string variant, HeadSetting setting)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in (string[])["measure", variant, .. setting.Arguments()])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd().Split();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{variant} ended with exit code {process.ExitCode}.");
        double Number(int at) => double.Parse(output[at], CultureInfo.InvariantCulture);
        return new(Number(0), Number(1), (long)Number(2));
    }

    /// <summary>Lets the highest resident set start from here.</summary>
    public static void ResetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    /// <summary>A field of the status of a process, by default this one, in bytes.</summary>
    public static long StatusBytes(string field, int? process = null)
    {
        var line = File.ReadLines($"/proc/{process?.ToString(CultureInfo.InvariantCulture) ?? "self"}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
