using Bft.Notebooks.Cells;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>The running cell, as code finds it that was started by it: where its output goes and whether it was interrupted.</summary>
/// <remarks>
/// It flows with the execution context, so a task that a cell started writes into that cell, and nowhere once the cell has ended. Threads without a
/// context (timers and callbacks of native code) belong to the cell that runs.
/// </remarks>
internal sealed class CellScope : ICellSink, IDisposable
{
    private static readonly TimeSpan s_mourning = TimeSpan.FromSeconds(5);
    private static readonly AsyncLocal<CellScope?> s_flowing = new();
    private static readonly Lock s_gate = new();
    private static volatile CellScope? s_running;
    private static int s_stopped;
    private readonly CellInterrupt _interrupt;
    private readonly ICellSink _sink;
    private readonly Dictionary<(string Title, int Line), Progress> _places = [];
    private readonly HashSet<Progress> _bars = [];
    private volatile bool _closed;

    public CellScope(ICellSink sink, CellInterrupt interrupt)
    {
        (_sink, _interrupt) = (sink, interrupt);
        s_running = this;
    }

    /// <summary>The cell that the calling code belongs to; null when it has ended, or there is none.</summary>
    public static CellScope? Current => Owner is { _closed: false } scope ? scope : null;

    private static CellScope? Owner => s_flowing.Value ?? s_running;

    /// <summary>True once the cell was interrupted.</summary>
    public bool IsInterrupted => _interrupt.IsAsked;

    /// <summary>Code started from here on belongs to this cell.</summary>
    public void Flow() => s_flowing.Value = this;

    /// <exception cref="OperationCanceledException">The cell that the calling code belongs to was interrupted.</exception>
    public static void ThrowIfStopped()
    {
        if (Owner?._interrupt.IsAsked == true)
            throw new OperationCanceledException("The cell was interrupted.");
    }

    /// <summary>Shows something in the cell, unless it has ended; for code of the cell.</summary>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public void Show(CellOutput output)
    {
        if (_interrupt.IsAsked)
            throw new OperationCanceledException("The cell was interrupted.");
        Receive(output);
    }

    /// <summary>As <see cref="Show"/>, for the engine.</summary>
    public void Receive(CellOutput output)
    {
        if (_closed)
            return;
        using (_interrupt.Outside())
            _sink.Receive(output);
    }

    /// <summary>Starts a bar. Where another of this place has ended it goes on in the output of that.</summary>
    /// <param name="place">Title and line of the code that starts it.</param>
    /// <param name="create">Makes the bar, in the output of that identifier when it is not null.</param>
    public Progress Begin((string Title, int Line) place, Func<string?, Progress> create)
    {
        lock (_bars)
        {
            var before = _places.GetValueOrDefault(place) is { HasEnded: true } ended ? ended : null;
            if (before is not null)
                _bars.Remove(before);
            return _places[place] = create(before?.DisplayId);
        }
    }

    /// <summary>The bar is told how the cell ends.</summary>
    public void Watch(Progress bar)
    {
        lock (_bars)
            _bars.Add(bar);
    }

    /// <summary>Tells every bar how the cell has ended.</summary>
    public void End(CellError? error)
    {
        Progress[] bars;
        lock (_bars)
            bars = [.. _bars];
        foreach (var bar in bars)
            bar.CellEnded(this, error);
    }

    public string? Read(string prompt, bool secret) => _sink.Read(prompt, secret);

    /// <summary>Says on standard error of the cell what is wrong with an output.</summary>
    public void Complain(string text) => Show(new StreamOutput(true, text));

    /// <summary>The signal is up from an interrupt until a while after the cell has ended, so that what the cell started on other threads ends too.</summary>
    public static void Stop()
    {
        lock (s_gate)
        {
            s_stopped++;
            StopSignal.Raise(true);
        }

        _ = LowerAsync();
    }

    /// <summary>The cell has ended.</summary>
    public void Dispose()
    {
        _closed = true;
        if (s_running == this)
            s_running = null;
    }

    private static async Task LowerAsync()
    {
        await Task.Delay(s_mourning).ConfigureAwait(false);
        lock (s_gate)
        {
            if (--s_stopped == 0)
                StopSignal.Raise(false);
        }
    }
}
