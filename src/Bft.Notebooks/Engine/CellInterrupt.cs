using System.Diagnostics;

namespace Bft.Notebooks.Engine;

/// <summary>The interrupt of one cell. Asked once, it ends the cell at its next check, wait or output; asked again, wherever its thread is.</summary>
/// <remarks>
/// Only the second step stops a thread from outside (<see cref="System.Runtime.ControlledExecution"/>). On Unix that has ended the process in about one of
/// thirty attempts in code that calls many small functions: the exception starts in a signal handler and is not always unwound. Hence the checks that
/// <see cref="InterruptPoints"/> puts into cells, and <see cref="Thread.Interrupt"/> for what waits.
/// </remarks>
internal sealed class CellInterrupt : IDisposable
{
    private static readonly TimeSpan s_pulse = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan s_insistence = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(400);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _asked;
    private readonly CancellationTokenSource _forced = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly Action<string> _explain;
    private Thread? _code;
    private long _askedAt;

    /// <param name="explain">Told once when the cell does not end.</param>
    /// <param name="cancellationToken">Asks once.</param>
    public CellInterrupt(Action<string> explain, CancellationToken cancellationToken)
    {
        _explain = explain;
        _asked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _registration = _asked.Token.Register(Begin);
    }

    /// <summary>True as soon as the interrupt was asked for.</summary>
    public bool IsAsked => _asked.IsCancellationRequested;

    /// <summary>True when it was asked for again.</summary>
    public bool IsForced => _forced.IsCancellationRequested;

    /// <summary>Cancelled with the first request.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Cancelled with the second request.</summary>
    public CancellationToken Forced => _forced.Token;

    /// <summary>Interrupts; a second request a moment later does so by force.</summary>
    public void Ask()
    {
        if (!IsAsked)
            _asked.Cancel();
        else if (Stopwatch.GetElapsedTime(Volatile.Read(ref _askedAt)) > s_insistence)
            _forced.Cancel();
    }

    /// <summary>The calling thread runs code of the cell from here on; only there waits are interrupted.</summary>
    public void EnterCode()
    {
        lock (_gate)
            _code = Thread.CurrentThread;
    }

    /// <summary>The code of the cell has ended.</summary>
    public void LeaveCode()
    {
        lock (_gate)
            _code = null;
        if (IsAsked)
            TakePending();
    }

    /// <summary>For the engine's own work in the middle of a cell's code: no wait is interrupted until it is disposed.</summary>
    /// <exception cref="OperationCanceledException">The interrupt was asked for.</exception>
    public Pause Outside()
    {
        lock (_gate)
        {
            if (_code != Thread.CurrentThread)
                return default;
            _code = null;
        }

        var pause = new Pause(this);
        if (!IsAsked)
            return pause;
        TakePending();
        pause.Dispose();
        throw new OperationCanceledException("The cell was interrupted.");
    }

    /// <summary>The cell has ended.</summary>
    public void Dispose()
    {
        LeaveCode();
        _ended.Set();
        _registration.Dispose();
        _asked.Dispose();
        _forced.Dispose();
    }

    // An interrupt that found the thread busy would end the next wait, whoever waits.
    private static void TakePending()
    {
        try
        {
            Thread.Sleep(0);
        }
        catch (ThreadInterruptedException)
        {
            // it was meant for the code that has ended
        }
    }

    private void Begin()
    {
        Volatile.Write(ref _askedAt, Stopwatch.GetTimestamp());
        CellScope.Stop();
        new Thread(Pulse) { IsBackground = true, Name = "notebook interrupt" }.Start();
    }

    private void Pulse()
    {
        var explained = false;
        do
        {
            lock (_gate)
                _code?.Interrupt();
            if (!explained && Stopwatch.GetElapsedTime(_askedAt) > s_patience)
            {
                explained = true;
                _explain("The cell is in code that does not look for an interrupt; it ends when that returns. Interrupt again to stop it by force, which may end the kernel.\n");
            }
        }
        while (!_ended.Wait(s_pulse));
    }

    /// <summary>A stay in the engine.</summary>
    public readonly struct Pause(CellInterrupt? interrupt) : IDisposable
    {
        /// <summary>Back to the cell's code.</summary>
        public void Dispose()
        {
            if (interrupt is null)
                return;
            lock (interrupt._gate)
                interrupt._code = Thread.CurrentThread;
        }
    }
}
