using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>The interrupt of one cell, in two steps: at once the cell can show nothing more, a moment later its thread is stopped wherever it is.</summary>
/// <remarks>
/// A cell that prints in a loop spends its time in the event code of the engine, and stopping a thread there has ended the process. With the first step it
/// ends at its next output, by an ordinary exception.
/// </remarks>
internal sealed class CellInterrupt : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(30);
    private readonly CancellationTokenSource _asked;
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly CancellationTokenRegistration _registration;

    public CellInterrupt(CancellationToken cancellationToken)
    {
        _asked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _registration = _asked.Token.Register(() =>
        {
            if (!_ended.Wait(s_patience))
                _stop.Cancel();
        });
    }

    /// <summary>True as soon as the interrupt was asked for.</summary>
    public bool IsAsked => _asked.IsCancellationRequested;

    /// <summary>Cancelled when the thread has to be stopped.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Interrupts; returns when the cell was stopped or has ended.</summary>
    public void Ask() => _asked.Cancel();

    /// <summary>The sink for code on <paramref name="thread"/>; other threads, which nothing can stop, are not disturbed.</summary>
    public ICellSink Guard(ICellSink sink, CellThread thread) => new StoppingSink(this, sink, thread);

    /// <summary>The cell has ended.</summary>
    public void Dispose()
    {
        _ended.Set();
        _registration.Dispose(); // waits for an interrupt under way
        _asked.Dispose();
        _stop.Dispose();
        _ended.Dispose();
    }

    private sealed class StoppingSink(CellInterrupt interrupt, ICellSink sink, CellThread thread) : ICellSink
    {
        public void Receive(CellOutput output)
        {
            if (interrupt.IsAsked && thread.IsCurrent)
                throw new OperationCanceledException("The cell was interrupted.");
            sink.Receive(output);
        }

        public string? Read(string prompt, bool secret) => sink.Read(prompt, secret);
    }
}
