using NetMQ;
using NetMQ.Sockets;

namespace Bft.Notebooks.Jupyter;

/// <summary>A ROUTER socket with its own thread; anyone may send.</summary>
internal sealed class RouterChannel : IDisposable
{
    private readonly RouterSocket _socket = new();
    private readonly NetMQQueue<List<byte[]>> _outgoing = new();
    private readonly NetMQPoller _poller;

    /// <summary>Binds and starts to receive.</summary>
    /// <param name="endpoint">Where to listen.</param>
    /// <param name="receive">Called on the channel's thread for each message; must not throw.</param>
    public RouterChannel(string endpoint, Action<RouterChannel, List<byte[]>> receive)
    {
        _socket.Options.Linger = TimeSpan.FromSeconds(1);
        (_socket.Options.SendHighWatermark, _socket.Options.ReceiveHighWatermark) = (0, 0); // dropping a reply would hang the front end
        try
        {
            _socket.Bind(endpoint);
        }
        catch (NetMQException e)
        {
            _outgoing.Dispose();
            _socket.Dispose();
            throw new IOException($"{endpoint}: {e.Message}", e);
        }

        _socket.ReceiveReady += (_, _) => receive(this, _socket.ReceiveMultipartBytes());
        _outgoing.ReceiveReady += (_, _) => SendWaiting();
        _poller = [_socket, _outgoing];
        _poller.RunAsync($"jupyter {endpoint}", true);
    }

    /// <summary>Queues a message; its first frames name the receiver.</summary>
    public void Send(List<byte[]> frames) => _outgoing.Enqueue(frames);

    /// <summary>Sends what is queued and closes.</summary>
    public void Dispose()
    {
        _poller.Dispose();
        SendWaiting();
        _outgoing.Dispose();
        _socket.Dispose();
    }

    private void SendWaiting()
    {
        while (_outgoing.TryDequeue(out var frames, TimeSpan.Zero))
            _socket.SendMultipartBytes(frames);
    }
}
