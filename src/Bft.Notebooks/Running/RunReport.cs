namespace Bft.Notebooks.Running;

/// <summary>What ended a run.</summary>
public enum FailureKind
{
    /// <summary>A cell failed.</summary>
    Cell,

    /// <summary>A cell or the notebook took longer than allowed.</summary>
    Timeout,

    /// <summary>The caller cancelled.</summary>
    Cancelled,
}

/// <summary>Where and why a run stopped.</summary>
/// <param name="Kind">What ended the run.</param>
/// <param name="Cell">The code cell, from 1.</param>
/// <param name="Position">Its place among all cells, from 1.</param>
/// <param name="Line">Line in the cell, from 1; null when unknown.</param>
/// <param name="Name">Name of the error.</param>
/// <param name="Message">What happened.</param>
/// <param name="Trace">Compile errors or stack frames.</param>
public sealed record RunFailure(FailureKind Kind, int Cell, int Position, int? Line, string Name, string Message, IReadOnlyList<string> Trace);

/// <summary>Outcome of a run.</summary>
/// <param name="File">The notebook, as the caller named it.</param>
/// <param name="CellsRun">Code cells that ran to their end.</param>
/// <param name="Elapsed">Time of all cells.</param>
/// <param name="Failure">Null when every cell succeeded.</param>
public sealed record RunReport(string File, int CellsRun, TimeSpan Elapsed, RunFailure? Failure)
{
    /// <summary>True when every cell succeeded.</summary>
    public bool Succeeded => Failure is null;

    /// <summary>For a command line: 0 success, 1 a cell failed, 3 out of time, 130 cancelled (2 is left to wrong input).</summary>
    public int ExitCode => Failure?.Kind switch
    {
        null => 0,
        FailureKind.Cell => 1,
        FailureKind.Timeout => 3,
        _ => 130,
    };

    /// <summary>One line: file, cell, line and message of the failure, or the number of cells.</summary>
    public override string ToString() => Failure is null
        ? $"{File}: {CellsRun} cells ran."
        : $"{File}: cell {Failure.Cell} (position {Failure.Position}){(Failure.Line is { } line ? $", line {line}" : "")}: {Failure.Name}: {Failure.Message}";
}
