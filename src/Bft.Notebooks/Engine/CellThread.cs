using System.Collections.Concurrent;
using System.Runtime;

namespace Bft.Notebooks.Engine;

/// <summary>The thread on which all cells of a session run, one at a time.</summary>
/// <remarks>
/// While a cell awaits, the thread serves its continuations, so code after an <c>await</c> has the same thread and the same stack size and can be
/// interrupted too. Continuations of an interrupted cell are dropped: they would put an old script state over a newer one.
/// <para>
/// A cell runs inside <see cref="ControlledExecution"/>, for a reader who insists (<see cref="CellInterrupt.Forced"/>). On Unix a thread that was stopped
/// that way in a loop comes back with the runtime's stop signal blocked: it, and every thread it creates, could not be stopped again nor paused for a
/// collection. So it does nothing more than end, and a second thread, which runs no user code, creates its successor and completes tasks. Thread-local
/// state is lost then, and only then.
/// </para>
/// </remarks>
internal sealed class CellThread : IDisposable
{
    private readonly BlockingCollection<Work> _requests = [];
    private volatile Worker? _worker;

    public CellThread() => new Thread(Supervise) { IsBackground = true, Name = "notebook supervisor" }.Start();

    /// <summary>True on the thread itself.</summary>
    public bool IsCurrent => _worker?.IsCurrent == true;

    /// <summary>Runs <paramref name="body"/> on the thread; the task ends when the body has really ended, also after an interrupt.</summary>
    /// <exception cref="OperationCanceledException">The body was interrupted through <paramref name="interrupt"/>.</exception>
    public Task RunAsync(Func<Task> body, CellInterrupt? interrupt)
    {
        if (IsCurrent)
            return body();
        var work = new Work(body, ExecutionContext.Capture(), interrupt);
        _requests.Add(work, CancellationToken.None);
        return work.Done.Task;
    }

    public void Dispose() => _requests.CompleteAdding();

    private void Supervise()
    {
        foreach (var work in _requests.GetConsumingEnumerable())
        {
            var worker = _worker ??= new Worker();
            var failure = worker.Run(work);
            if (work.WasForced)
                _worker = null;
            if (work.WasStopped)
                work.Done.SetCanceled(work.Interrupt!.Asked);
            else if (failure is not null)
                work.Done.SetException(failure);
            else
                work.Done.SetResult();
        }

        _worker?.End();
    }

    private sealed record Work(Func<Task> Body, ExecutionContext? Context, CellInterrupt? Interrupt)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool WasStopped { get; set; }

        public bool WasForced { get; set; }
    }

    /// <summary>A thread for cells, until one of them is stopped by force.</summary>
    private sealed class Worker
    {
        private const int StackBytes = 16 << 20;
        private readonly SemaphoreSlim _given = new(0);
        private readonly SemaphoreSlim _ended = new(0);
        private readonly Thread _thread;
        private Work? _work;
        private Exception? _failure;

        public Worker()
        {
            _thread = new Thread(Serve, StackBytes) { IsBackground = true, Name = "notebook cells" };
            _thread.Start();
        }

        public bool IsCurrent => Thread.CurrentThread == _thread;

        public Exception? Run(Work work)
        {
            (_work, _failure) = (work, null);
            _given.Release();
            _ended.Wait();
            return _failure;
        }

        public void End()
        {
            _work = null;
            _given.Release();
        }

        private void Serve()
        {
            var forced = false;
            while (!forced)
            {
                _given.Wait();
                if (_work is not { } work)
                    return;
                Execute(work);
                forced = work.WasForced;
                _ended.Release();
            }
        }

        private void Execute(Work work)
        {
            var pump = new CellPump();
            try
            {
                RunStoppable(() => Start(work, pump), work.Interrupt?.Forced ?? CancellationToken.None);
                pump.Close(dropLate: false);
            }
            catch (Exception e) when (work.Interrupt?.IsAsked == true && e is OperationCanceledException or ThreadInterruptedException)
            {
                pump.Close(dropLate: true);
                work.WasStopped = true;
            }
            catch (Exception e)
            {
                pump.Close(dropLate: false);
                _failure = e;
            }
            finally
            {
                work.Interrupt?.LeaveCode();
                work.WasForced = work.Interrupt?.IsForced == true;
                SynchronizationContext.SetSynchronizationContext(null);
            }
        }

        private static void RunStoppable(Action action, CancellationToken forced)
        {
            if (!forced.CanBeCanceled)
            {
                action(); // a controlled block never returns with a token that cannot be cancelled
                return;
            }

#pragma warning disable SYSLIB0046 // Obsolete because aborted code may leave shared state broken; for a notebook the alternative is to end the session.
            ControlledExecution.Run(action, forced);
#pragma warning restore SYSLIB0046
        }

        private static void Start(Work work, CellPump pump)
        {
            SynchronizationContext.SetSynchronizationContext(pump);
            var task = Task.CompletedTask;
            if (work.Context is null)
                task = work.Body();
            else
                ExecutionContext.Run(work.Context, _ => task = work.Body(), null);
            pump.ServeUntil(task, work.Interrupt?.Asked ?? CancellationToken.None);
            task.GetAwaiter().GetResult();
        }
    }
}
