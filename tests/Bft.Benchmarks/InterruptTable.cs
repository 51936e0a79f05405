using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Bft.Benchmarks;

/// <summary>How long the stop button of the Jupyter kernel takes, pattern by pattern of what a cell may be in.</summary>
internal static class InterruptTable
{
    private static readonly TimeSpan s_insistence = TimeSpan.FromSeconds(1); // a reader who sees nothing happen asks again
    private static readonly TimeSpan s_despair = TimeSpan.FromSeconds(10);

    private static readonly (string Name, string Code)[] s_patterns =
    [
        ("endless loop", "while (true) { }"),
        ("loop with sleeps", "while (true) System.Threading.Thread.Sleep(5);"),
        ("one long sleep", "System.Threading.Thread.Sleep(60000);"),
        ("await", "await System.Threading.Tasks.Task.Delay(60000);"),
        ("loop that catches all", "while (true) try { while (true) { } } catch (Exception) { }"),
        ("sleep that catches all", "while (true) try { System.Threading.Thread.Sleep(50000); } catch (Exception) { }"),
        ("recursion", "long Fibonacci(int n) => n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2);\nFibonacci(80)"),
        ("LINQ with a lambda, endless", "IEnumerable<int> Endless() { while (true) yield return 1; }\nEndless().Count(x => x > 0)"),
        ("LINQ with a lambda over a library's sequence", "Enumerable.Range(0, int.MaxValue).SelectMany(_ => Enumerable.Range(0, 9)).LongCount(x => x > 0)"),
        ("LINQ without code of the cell", "Enumerable.Repeat(1, int.MaxValue).Concat(Enumerable.Repeat(1, int.MaxValue)).Where(int.IsEvenInteger).LongCount()"),
        ("Parallel.For, block", "System.Threading.Tasks.Parallel.For(0L, long.MaxValue, i => { });"),
        ("Task.Run(…).Wait(), block", "System.Threading.Tasks.Task.Run(() => { while (true) { } }).Wait();"),
        ("wait handle", "new System.Threading.ManualResetEvent(false).WaitOne();"),
        ("endless print", "while (true) Console.WriteLine(\"again\");"),
        ("endless display", "while (true) display(1);"),
        ("garbage collections", "while (true) GC.Collect();"),
        ("Console.ReadLine", "Console.ReadLine();"),
        ("GetInputAsync", "await GetInputAsync(\"?\");"),
        ("TorchSharp loop", "#r \"Bft.Research\"\nusing TorchSharp;\nvar w = torch.zeros(4);\nfor (var i = 0; i < 100000000; i++) { using var g = w * 2; w.add_(g); }"),
        ("loop of a library that sleeps for no time once a step", "Library.Steps();"),
        ("loop of a library", "Library.Spin();"),
        ("sort of a library", "Enumerable.Range(0, 400_000_000).OrderDescending().Last()"),
        ("regular expression that backtracks", "System.Text.RegularExpressions.Regex.IsMatch(new string('a', 40), \"(a+)+b\")"),
        ("read of a pipe", "new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.In).ReadByte();"),
        ("F# loop", "#!fsharp\nwhile true do ()"),
        ("F# sleep", "#!fsharp\nSystem.Threading.Thread.Sleep 60000"),
        ("F# recursion", "#!fsharp\nlet rec f n = if n < 0 then n else f (n ^^^ 1)\nf 1"),
        ("F# sequence with a function", "#!fsharp\nSeq.initInfinite id |> Seq.iter (fun n -> ignore n)"),
        ("F# sequence without code of the cell", "#!fsharp\nSeq.initInfinite id |> Seq.length"),
        ("F# async", "#!fsharp\nasync { do! Async.Sleep 60000 } |> Async.RunSynchronously"),
    ];

    /// <summary>Prints the table; the text of each row is the pattern's code as far as it is one line.</summary>
    public static void Print(KernelSetting setting)
    {
        Console.WriteLine("| pattern | median, ms | p90 | max | asked again | kernel ended | not ended in {0} s |", s_despair.TotalSeconds);
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        var library = Compile();
        var kernel = Begin(setting, library);
        foreach (var (name, code) in s_patterns.Append(("big compilation", Big())).Where(pattern => setting.Only is null || pattern.Item1.Contains(setting.Only, StringComparison.Ordinal)))
        {
            var stops = new List<Stop>();
            while (stops.Count < setting.Rounds)
            {
                stops.Add(Interrupt(kernel, code, isCompilation: name == "big compilation"));
                if (stops[^1] is { End: End.Interrupted, Again: false })
                    continue;
                kernel.Dispose(); // after a stop by force the next measurement has a fresh one too
                kernel = Begin(setting, library);
            }

            List<double> times = [.. stops.Select(stop => stop.Milliseconds)];
            Console.WriteLine($"| {name} | {KernelTable.Quantile(times, 0.5):F0} | {KernelTable.Quantile(times, 0.9):F0} | {times.Max():F0} | {stops.Count(stop => stop.Again)} of {stops.Count} | {stops.Count(stop => stop.End == End.Dead)} | {stops.Count(stop => stop.End == End.Never)} |");
        }

        kernel.Dispose();
        Directory.Delete(Path.GetDirectoryName(library)!, recursive: true);
    }

    private enum End
    {
        Interrupted,
        Dead,
        Never,
    }

    private sealed record Stop(double Milliseconds, bool Again, End End);

    private static KernelProcess Begin(KernelSetting setting, string library)
    {
        var kernel = new KernelProcess(setting);
        kernel.Greet();
        kernel.Run($"#r \"{library}\"");
        kernel.Run("#!fsharp\n1");
        return kernel;
    }

    private static Stop Interrupt(KernelProcess kernel, string code, bool isCompilation)
    {
        var isFSharp = code.StartsWith("#!fsharp\n", StringComparison.Ordinal);
        var id = kernel.Start(isCompilation ? code : isFSharp ? code.Insert(9, "printf \"begun\"\n") : code.StartsWith("#r", StringComparison.Ordinal) ? code.Insert(code.IndexOf("var", StringComparison.Ordinal), "Console.Write(\"begun\");\n") : "Console.Write(\"begun\");\n" + code);
        if (!isCompilation)
            kernel.WaitForText(id);
        Thread.Sleep(100);
        var (since, again) = (Stopwatch.GetTimestamp(), false);
        kernel.Interrupt();
        using var watch = new Timer(_ => (again, _) = (true, Ask(kernel)), null, s_insistence, Timeout.InfiniteTimeSpan);
        try
        {
            var cell = kernel.Finish(id, since, s_despair);
            return cell.Error == "Interrupted"
                ? new Stop(cell.Elapsed.TotalMilliseconds, again, End.Interrupted)
                : throw new InvalidOperationException($"The cell ended by itself: {cell.Error ?? cell.Result ?? "nothing"}: {code}");
        }
        catch (TimeoutException)
        {
            return new Stop(Stopwatch.GetElapsedTime(since).TotalMilliseconds, again, End.Never);
        }
        catch (KernelEndedException)
        {
            return new Stop(Stopwatch.GetElapsedTime(since).TotalMilliseconds, again, End.Dead);
        }
    }

    private static bool Ask(KernelProcess kernel)
    {
        kernel.Interrupt();
        return true;
    }

    private static string Big() =>
        string.Concat(Enumerable.Range(0, 4000).Select(number => $"int Big{number}(int x) {{ var y = x * {number}; return new[] {{ y, x }}.Select(z => z + {number}).Where(z => z > 0).Sum(); }}\n"));

    private static string Compile()
    {
        const string Source = """
            public static class Library
            {
                public static void Spin() { while (true) ; }
                public static void Steps() { while (true) System.Threading.Thread.Sleep(0); }
            }
            """;
        var path = Path.Combine(Directory.CreateTempSubdirectory("bft-library").FullName, "Library.dll");
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var result = CSharpCompilation.Create(
            "Library",
            [CSharpSyntaxTree.ParseText(Source)],
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location), MetadataReference.CreateFromFile(Path.Combine(framework, "System.Runtime.dll"))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)).Emit(path);
        return result.Success ? path : throw new InvalidOperationException(string.Join('\n', result.Diagnostics));
    }
}
