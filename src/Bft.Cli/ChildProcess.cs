using System.Diagnostics;

namespace Bft.Cli;

/// <summary>This program in a process of its own, its output read and all but the last line of it forgotten.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private string _last = "";

    private ChildProcess(Process process) => _process = process;

    /// <summary>Whether it has not ended.</summary>
    public bool Runs => !_process.HasExited;

    /// <summary>Starts the program.</summary>
    /// <param name="arguments">Its arguments.</param>
    public static ChildProcess Start(IEnumerable<string> arguments)
    {
        var command = ThisProgram.Command();
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), .. arguments]);
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        var child = new ChildProcess(Process.Start(start)!);
        child._process.OutputDataReceived += (_, _) => { };
        child._process.ErrorDataReceived += (_, line) => child._last = string.IsNullOrWhiteSpace(line.Data) ? child._last : line.Data;
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Kills it, as a lack of power would: nothing of it runs any more.</summary>
    /// <returns>False when it had ended well before.</returns>
    public bool Kill()
    {
        _process.Kill();
        _process.WaitForExit();
        return _process.ExitCode != Verb.Success;
    }

    /// <summary>Waits for its end, which has to be a good one.</summary>
    /// <exception cref="InvalidDataException">It failed; the message is its own.</exception>
    public void Finish(CancellationToken cancellationToken)
    {
        using var stop = cancellationToken.Register(_process.Kill);
        _process.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        if (_process.ExitCode != Verb.Success)
            throw new InvalidDataException($"--verify-resume: a run failed: {_last}");
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
