using System.Runtime.CompilerServices;
using Bft.Notebooks.Engine;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Cells;

/// <summary>
/// How far long work is, as one output of the cell that changes in place: a bar, rate, time left and numbers such as losses. What a file keeps is the last
/// state, without anything that differs from run to run.
/// </summary>
/// <remarks>
/// Drawn at most five times a second, once a second after the first minute. A bar that a loop starts again continues in its output. When its cell is
/// interrupted or fails, an unfinished bar says so. Code that runs outside a cell may use it too; nothing is shown there.
/// </remarks>
/// <example><code>
/// foreach (var row in Progress.Over(rows)) …
/// run.Run(Progress.Of&lt;StepReport&gt;((bar, step) => bar.Report(step.Step, step.TotalSteps, ("NLL", step.MeanNll))));
/// </code></example>
public sealed class Progress : IProgress<int>, IProgress<long>, IProgress<double>, IDisposable
{
    private readonly Lock _gate = new();
    private readonly ProgressState _state;
    private readonly ProgressPace _pace;
    private readonly string _displayId;
    private bool _isShown;
    private bool _isClosed;

    internal Progress(string title, long total, string unit, TimeProvider time, string? displayId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        (_state, _pace) = (new ProgressState(title, unit) { Total = total }, new ProgressPace(time));
        (_isShown, _displayId) = (displayId is not null, displayId ?? Guid.NewGuid().ToString("N"));
    }

    /// <summary>Starts a bar that the caller drives.</summary>
    /// <param name="title">What is done; may be empty.</param>
    /// <param name="total">How much there is to do; 0 when not known.</param>
    /// <param name="unit">What is counted, for example <c>rows</c>.</param>
    /// <param name="line">Given by the compiler. A further bar of the same title and line, when the earlier has ended, takes its place.</param>
    public static Progress Start(string title = "", long total = 0, string unit = "", [CallerLineNumber] int line = 0)
    {
        var bar = CellScope.Current?.Begin((title, line), id => new Progress(title, total, unit, TimeProvider.System, id))
            ?? new Progress(title, total, unit, TimeProvider.System, null);
        bar.Report(0);
        return bar;
    }

    /// <summary>The items, with a bar for how many were taken. Parameters as of <see cref="Start"/>.</summary>
    /// <param name="items">Anything enumerable; a collection tells its length itself.</param>
    /// <param name="title">What is done; may be empty.</param>
    /// <param name="total">How many items there are; null: as many as the collection says, else not known.</param>
    /// <param name="unit">What the items are, for example <c>rows</c>.</param>
    /// <param name="line">Given by the compiler.</param>
    public static IEnumerable<T> Over<T>(IEnumerable<T> items, string title = "", long? total = null, string unit = "", [CallerLineNumber] int line = 0)
    {
        using var bar = Start(title, total ?? (items is IReadOnlyCollection<T> { Count: var known } ? known : items.TryGetNonEnumeratedCount(out var count) ? count : 0), unit, line);
        var done = 0L;
        foreach (var item in items)
        {
            yield return item;
            bar.Report(++done);
        }

        bar.Complete();
    }

    /// <summary>As <see cref="Over{T}(IEnumerable{T}, string, long?, string, int)"/>, for items that are awaited.</summary>
    /// <param name="items">The items.</param>
    /// <param name="title">What is done; may be empty.</param>
    /// <param name="total">How many items there are; null when not known.</param>
    /// <param name="unit">What the items are.</param>
    /// <param name="line">Given by the compiler.</param>
    public static async IAsyncEnumerable<T> Over<T>(
        IAsyncEnumerable<T> items, string title = "", long? total = null, string unit = "", [CallerLineNumber] int line = 0)
    {
        using var bar = Start(title, total ?? 0, unit, line);
        var done = 0L;
        await foreach (var item in items)
        {
            yield return item;
            bar.Report(++done);
        }

        bar.Complete();
    }

    /// <summary>A receiver of a library's reports that shows them as a bar, on the thread that reports. Parameters as of <see cref="Start"/>.</summary>
    /// <param name="show">Puts a report into the bar with <see cref="Report(long, long, ValueTuple{string, double}[])"/>.</param>
    /// <param name="title">What is done; may be empty.</param>
    /// <param name="total">How much there is to do; 0 when the reports say it, or it is not known.</param>
    /// <param name="unit">What is counted.</param>
    /// <param name="line">Given by the compiler.</param>
    public static IProgress<T> Of<T>(Action<Progress, T> show, string title = "", long total = 0, string unit = "", [CallerLineNumber] int line = 0) =>
        new Receiver<T>(Start(title, total, unit, line), show);

    /// <summary>Shows how much is done.</summary>
    /// <param name="done">Of <c>total</c>.</param>
    /// <param name="values">Numbers to show beside it, with their names; a name keeps its last value.</param>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public void Report(long done, params (string Name, double Value)[] values) => Take(done, null, values);

    /// <summary>Shows how much is done, of how much.</summary>
    /// <param name="done">Of <paramref name="total"/>.</param>
    /// <param name="total">How much there is to do; 0 when not known.</param>
    /// <param name="values">Numbers to show beside it, with their names; a name keeps its last value.</param>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public void Report(long done, long total, params (string Name, double Value)[] values) => Take(done, total, values);

    /// <summary>As <see cref="Report(long, long, ValueTuple{string, double}[])"/>, for a total that may not be known.</summary>
    /// <param name="done">Of <paramref name="total"/>.</param>
    /// <param name="total">How much there is to do; null when not known.</param>
    /// <param name="values">Numbers to show beside it, with their names; a name keeps its last value.</param>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public void Report(long done, long? total, params (string Name, double Value)[] values) => Take(done, total ?? 0, values);

    /// <summary>Shows that more is done.</summary>
    /// <param name="by">How much more.</param>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public void Advance(long by = 1)
    {
        lock (_gate)
            Take(_state.Done + by, null, []);
    }

    /// <summary>Ends the bar; when less than the total is done it says that the work was stopped.</summary>
    public void Dispose() => Close(_state.IsWhole ? ProgressEnd.Completed : ProgressEnd.Stopped);

    void IProgress<int>.Report(int value) => Report(value);

    void IProgress<long>.Report(long value) => Report(value);

    /// <summary>A share of the whole, from 0 to 1.</summary>
    void IProgress<double>.Report(double value)
    {
        if (double.IsFinite(value))
            Take((long)Math.Round(Math.Clamp(value, 0, 1) * 1000), 1000, [], isShare: true);
    }

    /// <summary>True when another bar may take its place.</summary>
    internal bool HasEnded => _isClosed || _state.IsWhole;

    internal string DisplayId => _displayId;

    /// <summary>All there was is done, whatever the total says.</summary>
    internal void Complete() => Close(ProgressEnd.Completed);

    /// <summary>The cell has ended: an unfinished bar says how.</summary>
    internal void CellEnded(CellScope cell, CellError? error)
    {
        lock (_gate)
        {
            if (_state.End == ProgressEnd.Completed || (error is null && _isClosed))
                return;
            (_isClosed, _state.Reason) = (true, error is null ? null : error.Name == CellError.Interrupted ? "interrupted" : $"stopped, the cell failed with {error.Name}");
            _state.End = _state.IsWhole ? ProgressEnd.Completed : ProgressEnd.Stopped;
            Draw(cell.Receive);
        }
    }

    private void Take(long done, long? total, (string Name, double Value)[] values, bool isShare = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(done);
        lock (_gate)
        {
            var wasWhole = _state.IsWhole;
            (_state.Done, _state.IsShare, _state.End, _state.Reason, _isClosed) = (done, isShare, ProgressEnd.None, null, false);
            if (total is { } known)
                _state.Total = known;
            foreach (var (name, value) in values)
                _state.Set(name, value);
            if (CellScope.Current is not { } cell || !_pace.IsDue(done, isLast: _state.IsWhole && !wasWhole))
                return;
            cell.Watch(this);
            Draw(cell.Show);
            if (_pace.IsTimeToTell())
                cell.Show(new ProgressOutput(_state.Line(_pace)));
        }
    }

    private void Close(ProgressEnd end)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            (_isClosed, _state.End) = (true, end);
            if (CellScope.Current is { IsInterrupted: false } cell) // an interrupted one closes its bars itself
                Draw(cell.Receive);
        }
    }

    private void Draw(Action<CellOutput> show)
    {
        var bundle = _state.Bundle(_pace);
        show(_isShown ? new UpdateOutput(bundle, _displayId) : new DisplayOutput(bundle, _displayId));
        _isShown = true;
    }

    private sealed class Receiver<T>(Progress bar, Action<Progress, T> show) : IProgress<T>
    {
        public void Report(T value) => show(bar, value);
    }
}
