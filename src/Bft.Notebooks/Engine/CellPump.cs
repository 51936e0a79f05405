using System.Collections.Concurrent;

namespace Bft.Notebooks.Engine;

/// <summary>Brings the continuations of a cell back to its thread while the cell awaits.</summary>
/// <remarks>
/// A cell may also block its thread on a task (<c>.Wait()</c>, <c>.Result</c>) whose continuations come here; they would wait for each other forever.
/// So what the thread, busy or blocked, has not taken after a moment runs on the pool, as it would without this class.
/// </remarks>
internal sealed class CellPump : SynchronizationContext
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);
    private readonly BlockingCollection<Item> _posted = [];
    private volatile State _state = State.Busy;

    private enum State
    {
        Busy,
        Waiting,
        Closed,
        Dropping,
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        var item = new Item(d, state);
        switch (_state)
        {
            case State.Dropping:
                break;
            case State.Closed:
                ThreadPool.QueueUserWorkItem(_ => item.Run());
                break;
            default:
                _posted.Add(item);
                _ = RescueAsync(item);
                break;
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs what is posted until the task has ended.</summary>
    public void ServeUntil(Task task, CancellationToken interrupt)
    {
        if (!task.IsCompleted)
            task.ContinueWith(_ => Post(static _ => { }, null), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (!task.IsCompleted)
        {
            _state = State.Waiting;
            var item = _posted.Take(interrupt);
            _state = State.Busy;
            item.Run();
        }
    }

    /// <summary>Ends the service. What is posted later goes to the pool, or nowhere after an interrupt.</summary>
    public void Close(bool dropLate)
    {
        _state = dropLate ? State.Dropping : State.Closed;
        while (!dropLate && _posted.TryTake(out var late))
            ThreadPool.QueueUserWorkItem(_ => late.Run());
    }

    private async Task RescueAsync(Item item)
    {
        await Task.Delay(s_patience).ConfigureAwait(false);
        if (_state is State.Busy or State.Closed)
            item.Run();
    }

    private sealed class Item(SendOrPostCallback callback, object? state)
    {
        private int _taken;

        public void Run()
        {
            if (Interlocked.Exchange(ref _taken, 1) == 0)
                callback(state);
        }
    }
}
