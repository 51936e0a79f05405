namespace Bft.Notebooks.Running;

/// <summary>What ended a run.</summary>
public enum FailureKind
{
    /// <summary>A cell failed.</summary>
    Cell,

    /// <summary>A cell, the notebook or all notebooks together took longer than allowed.</summary>
    Timeout,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>A cell ended the process that ran it.</summary>
    Died,
}

/// <summary>Where and why a run stopped.</summary>
/// <param name="Kind">What ended the run.</param>
/// <param name="Cell">The code cell, from 1; 0 when none had begun.</param>
/// <param name="Position">Its place among all cells, from 1; 0 when none had begun.</param>
/// <param name="Line">Line in the cell, from 1; null when unknown.</param>
/// <param name="Name">Name of the error.</param>
/// <param name="Message">What happened.</param>
/// <param name="Trace">Compile errors, stack frames, or what the process said last.</param>
public sealed record RunFailure(FailureKind Kind, int Cell, int Position, int? Line, string Name, string Message, IReadOnlyList<string> Trace);

/// <summary>One code cell of a run.</summary>
/// <param name="Number">The code cell, from 1.</param>
/// <param name="Position">Its place among all cells, from 1.</param>
/// <param name="Elapsed">Time until it succeeded; null when it failed or was not reached.</param>
public sealed record CellTime(int Number, int Position, TimeSpan? Elapsed);

/// <summary>Outcome of a run.</summary>
/// <param name="File">The notebook, as the caller named it.</param>
/// <param name="Cells">Every code cell with content, in order.</param>
/// <param name="Elapsed">Time of all cells.</param>
/// <param name="Failure">Null when every cell succeeded.</param>
public sealed record RunReport(string File, IReadOnlyList<CellTime> Cells, TimeSpan Elapsed, RunFailure? Failure)
{
    /// <summary>The exit code of a run that ran out of time.</summary>
    public const int OutOfTime = 3;

    /// <summary>True when every cell succeeded.</summary>
    public bool Succeeded => Failure is null;

    /// <summary>Code cells that ran to their end.</summary>
    public int CellsRun => Cells.Count(cell => cell.Elapsed is not null);

    /// <summary>For a command line: 0 success, 1 a cell failed or ended its process, 3 out of time, 130 cancelled (2 is left to wrong input).</summary>
    public int ExitCode => Failure?.Kind switch
    {
        null => 0,
        FailureKind.Cell or FailureKind.Died => 1,
        FailureKind.Timeout => OutOfTime,
        _ => 130,
    };

    /// <summary>The exit code of several runs: 130 when any was cancelled, else 1 when any failed, else 3 when any ran out of time.</summary>
    public static int ExitCodeOf(IReadOnlyList<RunReport> reports) => new[] { 130, 1, OutOfTime }.FirstOrDefault(code => reports.Any(report => report.ExitCode == code));

    /// <summary>One line: file, cell, line and message of the failure, or the number of cells.</summary>
    public override string ToString() => Failure is null
        ? $"{File}: {CellsRun} cells ran."
        : $"{File}: {(Failure.Cell == 0 ? "" : $"cell {Failure.Cell} (position {Failure.Position}){(Failure.Line is { } line ? $", line {line}" : "")}: ")}{Failure.Name}: {Failure.Message}";
}
