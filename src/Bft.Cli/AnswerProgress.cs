using System.Globalization;

namespace Bft.Cli;

/// <summary>How far the answers to a file are, on standard error: a line that changes on a terminal, elsewhere a line at most every ten seconds.</summary>
/// <param name="rows">Rows of the file.</param>
/// <param name="before">Rows that an earlier run answered.</param>
/// <param name="time">Clock; null for the system's.</param>
/// <param name="output">Receives the lines; null for standard error.</param>
internal sealed class AnswerProgress(int rows, int before, TimeProvider? time = null, TextWriter? output = null)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(10);
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly TextWriter _output = output ?? Console.Error;
    private readonly bool _terminal = output is null && !Console.IsErrorRedirected;
    private readonly long _started = (time ?? TimeProvider.System).GetTimestamp();
    private TimeSpan _said;
    private int _made;

    /// <summary>Tokens made by this run.</summary>
    public int Tokens { get; set; }

    /// <summary>A row was written.</summary>
    public void Finished()
    {
        _made++;
        var done = before + _made;
        var passed = _time.GetElapsedTime(_started);
        if (!_terminal && done < rows && passed - _said < s_every)
            return;
        _said = passed;
        var left = TimeSpan.FromSeconds(Math.Ceiling(passed.TotalSeconds / _made * (rows - done)));
        var line = string.Create(CultureInfo.InvariantCulture, $"{done} of {rows} rows, {Tokens} tokens, {Tokens / Math.Max(1e-9, passed.TotalSeconds):0.0} a second, {(left.TotalDays >= 1 ? $"{(int)left.TotalDays}d " : "")}{left:hh\\:mm\\:ss} left");
        if (_terminal)
            _output.Write($"\r{line}\u001b[K{(done == rows ? "\n" : "")}");
        else
            _output.WriteLine(line);
    }
}
