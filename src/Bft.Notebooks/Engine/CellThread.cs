using System.Collections.Concurrent;
using System.Runtime;

namespace Bft.Notebooks.Engine;

/// <summary>The thread on which all cells of a session run, one at a time, each stoppable at any managed instruction.</summary>
/// <remarks>
/// A cell runs inside <see cref="ControlledExecution"/>, the only way to stop code that never looks at a token. While the cell awaits, the thread serves
/// its continuations, so code after an <c>await</c> has the same thread, the same stack size and can be stopped too. Continuations of an interrupted cell
/// are dropped: they would put an old script state over a newer one.
/// <para>
/// On Unix a thread that was stopped in a loop comes back with the runtime's stop signal blocked: it, and every thread it creates, could not be stopped
/// again nor paused for a collection. So a stopped thread does nothing more than end, and a second thread, which runs no user code, creates its successor
/// and completes tasks. Thread-local state is lost then, and only then.
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
    public Task RunAsync(Func<Task> body, CancellationToken interrupt)
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
            if (work.WasStopped)
            {
                _worker = null;
                work.Done.SetCanceled(work.Interrupt);
            }
            else if (failure is not null)
                work.Done.SetException(failure);
            else
                work.Done.SetResult();
        }

        _worker?.End();
    }

    private sealed record Work(Func<Task> Body, ExecutionContext? Context, CancellationToken Interrupt)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool WasStopped { get; set; }
    }

    /// <summary>A thread for cells, until one of them is stopped.</summary>
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
            var stopped = false;
            while (!stopped)
            {
                _given.Wait();
                if (_work is not { } work)
                    return;
                Execute(work);
                stopped = work.WasStopped;
                _ended.Release();
            }
        }

        private void Execute(Work work)
        {
            var pump = new CellPump();
            try
            {
                RunStoppable(() => Start(work, pump), work.Interrupt);
                pump.Close(dropLate: false);
            }
            catch (OperationCanceledException) when (work.Interrupt.IsCancellationRequested)
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
                SynchronizationContext.SetSynchronizationContext(null);
            }
        }

        private static void RunStoppable(Action action, CancellationToken interrupt)
        {
            if (!interrupt.CanBeCanceled)
            {
                action(); // a controlled block never returns with a token that cannot be cancelled
                return;
            }

#pragma warning disable SYSLIB0046 // Obsolete because aborted code may leave shared state broken; for a notebook the alternative is to end the session.
            ControlledExecution.Run(action, interrupt);
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
            pump.ServeUntil(task, work.Interrupt);
            task.GetAwaiter().GetResult();
        }
    }
}
