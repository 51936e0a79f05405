using System.Text.Json;

namespace Bft.Notebooks.Running;

/// <summary>What a worker process tells the process that started it: how far it is, then how the run ended. One line of standard output each.</summary>
/// <param name="Cell">A cell begins or has succeeded.</param>
/// <param name="Report">The end.</param>
internal sealed record WorkerEvent(CellProgress? Cell, RunReport? Report)
{
    /// <summary>Stands before an event: native code may write to standard output too, even without a line end.</summary>
    private const char Mark = '\u001e';

    /// <summary>The event as a line.</summary>
    public string ToLine() => Mark + JsonSerializer.Serialize(this);

    /// <summary>The event in a line; null when it holds none.</summary>
    public static WorkerEvent? FromLine(string line) =>
        line.IndexOf(Mark) is >= 0 and var at ? JsonSerializer.Deserialize<WorkerEvent>(line.AsSpan(at + 1)) : null;
}
