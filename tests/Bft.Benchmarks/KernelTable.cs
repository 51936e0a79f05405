using System.Diagnostics;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace Bft.Benchmarks;

/// <summary>Start-up, latency and memory of the Jupyter kernel (gate G9).</summary>
internal static class KernelTable
{
    private const int Cells = 150;

    /// <summary>Prints the tables.</summary>
    public static void Print(KernelSetting setting)
    {
        Console.WriteLine("| start, s (processor s) | first kernel_info | first C# result | first F# result of the F# kernel | first F# cell of the C# kernel, after {0} s of rest |", setting.Rest);
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        var starts = Enumerable.Range(0, setting.Starts).Select(_ => Begin(setting)).ToList();
        Console.WriteLine($"| {setting.Starts} starts | {string.Join(" | ", Enumerable.Range(0, 4).Select(column => Column([.. starts.Select(start => start[column])])))} |");
        Console.WriteLine();
        Latency(setting);
    }

    /// <summary>The same cells by the scripting API alone, in this process: what a kernel cannot do without.</summary>
    public static async Task RunPlainAsync()
    {
        var options = ScriptOptions.Default.WithReferences(
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))).WithEmitDebugInformation(true);
        ScriptState<object>? state = null;
        for (var number = 1; number <= Cells; number++)
        {
            var code = Trivial(number);
            state = state is null ? await CSharpScript.RunAsync<object>(code, options) : await state.ContinueWithAsync<object>(code, options);
        }

        Console.WriteLine($"{Measurement.StatusBytes("VmRSS")} {Measurement.StatusBytes("VmHWM")} {GC.GetTotalMemory(forceFullCollection: true)}");
        GC.KeepAlive(state);
    }

    private static string Trivial(int number) => $"var x{number} = {number};\nx{number} + 1";

    private static (TimeSpan Clock, TimeSpan Processor)[] Begin(KernelSetting setting)
    {
        using var csharp = new KernelProcess(setting);
        csharp.Greet();
        var greeted = (csharp.Age, csharp.Processor);
        Expect(csharp.Run("40 + 2"), "42");
        var first = (csharp.Age, csharp.Processor);
        Thread.Sleep(TimeSpan.FromSeconds(setting.Rest));
        var rested = Expect(csharp.Run("#!fsharp\n40 + 2"), "42").Elapsed;
        using var fsharp = new KernelProcess(setting, ".net-fsharp");
        fsharp.Greet();
        Expect(fsharp.Run("40 + 2"), "42");
        return [greeted, first, (fsharp.Age, fsharp.Processor), (rested, TimeSpan.Zero)];
    }

    private static void Latency(KernelSetting setting)
    {
        using var kernel = new KernelProcess(setting);
        kernel.Greet();
        var csharp = Times(kernel, Trivial);
        var memory = kernel.Memory;
        var heap = long.Parse(kernel.Run("GC.GetTotalMemory(true).ToString()").Result!, CultureInfo.InvariantCulture);
        var fsharp = Times(kernel, number => $"#!fsharp\nlet y{number} = {number}\ny{number} + 1");
        Console.WriteLine("| trivial cell, ms: median (p90), processor | cells 2 – 10 | cells 41 – 50 | cells 141 – 150 |");
        Console.WriteLine("| --- | --- | --- | --- |");
        foreach (var (name, times) in new[] { ("C#", csharp), ("F#", fsharp) })
            Console.WriteLine($"| {name} | {Window(times, 1, 10)} | {Window(times, 40, 50)} | {Window(times, 140, 150)} |");
        Console.WriteLine();
        var plain = Plain();
        Console.WriteLine($"| after {Cells} C# cells, MB | resident | peak | managed heap |");
        Console.WriteLine("| --- | --- | --- | --- |");
        Console.WriteLine($"| kernel | {memory.Now / 1e6:F0} | {memory.Peak / 1e6:F0} | {heap / 1e6:F0} |");
        Console.WriteLine($"| scripting API alone | {plain[0] / 1e6:F0} | {plain[1] / 1e6:F0} | {plain[2] / 1e6:F0} |");
        Console.WriteLine($"| kernel after {Cells} F# cells more | {kernel.Memory.Now / 1e6:F0} | {kernel.Memory.Peak / 1e6:F0} | |");
    }

    private static long[] Plain()
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["kernel-plain"]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. output.Split().Where(field => field.Length > 0).Select(field => long.Parse(field, CultureInfo.InvariantCulture))];
    }

    private static CellTime Expect(CellTime cell, string result) =>
        cell.Result == result ? cell : throw new InvalidOperationException($"Expected {result}, got {cell.Result ?? cell.Error ?? "nothing"}.");

    private static string Column(IReadOnlyList<(TimeSpan Clock, TimeSpan Processor)> values)
    {
        var clock = values.Select(value => value.Clock.TotalSeconds).Order().ToList();
        var processor = Quantile([.. values.Select(value => value.Processor.TotalSeconds)], 0.5);
        return $"{Quantile(clock, 0.5):F2} ({clock[0]:F2} – {clock[^1]:F2}){(processor > 0 ? $" ({processor:F2})" : "")}";
    }

    private static List<(TimeSpan Elapsed, TimeSpan Until)> Times(KernelProcess kernel, Func<int, string> code) =>
        [.. Enumerable.Range(1, Cells).Select(number => (Expect(kernel.Run(code(number)), $"{number + 1}").Elapsed, kernel.Processor))];

    // The processor's clock has steps of 10 ms, so its time is the mean of the window.
    private static string Window(List<(TimeSpan Elapsed, TimeSpan Until)> times, int from, int to)
    {
        List<double> window = [.. times[from..to].Select(time => time.Elapsed.TotalMilliseconds)];
        var processor = (times[to - 1].Until - times[from - 1].Until).TotalMilliseconds / window.Count;
        return $"{Quantile(window, 0.5):F1} ({Quantile(window, 0.9):F1}), {processor:F0}";
    }

    /// <summary>The smallest value that this part of all do not exceed.</summary>
    public static double Quantile(List<double> values, double part)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}
