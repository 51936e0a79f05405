using System.Diagnostics;

namespace Bft.Benchmarks;

/// <summary>One side of a comparison: a process that does one thing for every line it is sent, and otherwise sleeps.</summary>
internal sealed class Side : IDisposable
{
    private readonly Process _process;

    private Side(string name, ProcessStartInfo start, int threads)
    {
        Name = name;
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        // The same for all sides: waiting threads sleep instead of spinning against the other side.
        foreach (var variable in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS" })
            start.Environment[variable] = $"{threads}";
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        _process = Process.Start(start)!;
        Ready = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{name} ended before it was ready.");
    }

    public string Name { get; }

    /// <summary>What the side said when it was ready.</summary>
    public string Ready { get; }

    /// <summary>Bft, or another way through the same library, in a process of this program.</summary>
    public static Side Ours(string name, string kind, SideWork work)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        foreach (var argument in new[] { "side", kind, work.ToJson() })
            start.ArgumentList.Add(argument);
        return new(name, start, work.Threads);
    }

    /// <summary>Eager PyTorch.</summary>
    public static Side PyTorch(string python, SideWork work)
    {
        var start = new ProcessStartInfo(python);
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "eager_step.py"));
        start.ArgumentList.Add(work.ToJson());
        // OpenBLAS of that age takes processors that it does not know for very old ones, and runs at a fifth of the speed.
        if (System.Runtime.Intrinsics.X86.Avx512F.IsSupported)
            start.Environment["OPENBLAS_CORETYPE"] = "SkylakeX";
        return new("PyTorch", start, work.Threads);
    }

    /// <summary>A Python that has torch; null, with the reason, when there is none.</summary>
    public static (string? Path, string Reason) FindPython()
    {
        var reason = "no python3";
        foreach (var python in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import torch"]) { RedirectStandardError = true })!;
                var error = process.StandardError.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode == 0)
                    return (python, "");
                reason = $"{python}: {error.TrimEnd().Split('\n')[^1]}";
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // no such program; the next may be there
            }
        }

        return (null, reason);
    }

    public SideAnswer Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
        return SideAnswer.Parse(_process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Name} ended at '{command}'."));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
