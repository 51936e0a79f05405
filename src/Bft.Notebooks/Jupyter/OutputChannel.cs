using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using NetMQ;
using NetMQ.Sockets;

namespace Bft.Notebooks.Jupyter;

/// <summary>The iopub channel: outputs of cells and the state of the kernel, in the order in which they were given, from any thread.</summary>
/// <remarks>Text is gathered for <see cref="s_patience"/>, so a cell that prints in a loop makes twenty messages a second and not a million.</remarks>
internal sealed class OutputChannel : IDisposable
{
    private const int LongestText = 1 << 18;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(50);
    private readonly PublisherSocket _socket = new();
    private readonly BlockingCollection<Item> _items = [];
    private readonly StringBuilder _text = new();
    private readonly MessageCodec _codec;
    private readonly Thread _thread;
    private TextItem? _textFrom;
    private long _textDue;

    public OutputChannel(string endpoint, MessageCodec codec)
    {
        _codec = codec;
        _socket.Options.Linger = TimeSpan.FromSeconds(1);
        _socket.Options.SendHighWatermark = 0; // a PUB socket drops what is over its mark
        try
        {
            _socket.Bind(endpoint);
        }
        catch (NetMQException e)
        {
            _socket.Dispose();
            throw new IOException($"{endpoint}: {e.Message}", e);
        }

        _thread = new Thread(Serve) { IsBackground = true, Name = "jupyter outputs" };
        _thread.Start();
    }

    private abstract record Item(byte[]? Parent);

    private sealed record TextItem(byte[]? Parent, bool IsError, string Text) : Item(Parent);

    private sealed record MessageItem(byte[]? Parent, string Type, JsonObject Content) : Item(Parent);

    /// <summary>Sends a message after everything given before.</summary>
    public void Publish(string type, byte[]? parent, JsonObject content) => Add(new MessageItem(parent, type, content));

    /// <summary>Sends text of a stream, joined with its neighbours.</summary>
    public void Write(bool isError, byte[]? parent, string text) => Add(new TextItem(parent, isError, text));

    /// <summary>Sends what is waiting and closes; what is given later is dropped.</summary>
    public void Dispose()
    {
        _items.CompleteAdding();
        _thread.Join();
        _socket.Dispose();
    }

    private void Add(Item item)
    {
        try
        {
            _items.TryAdd(item);
        }
        catch (InvalidOperationException)
        {
            // the kernel has ended; late output of a thread that the cell started
        }
    }

    private void Serve()
    {
        while (true)
        {
            var wait = _textFrom is null ? Timeout.Infinite : (int)Math.Max(0, _textDue - Environment.TickCount64);
            if (_items.TryTake(out var item, wait))
                Handle(item);
            else if (_items.IsCompleted)
                break;
            if (_textFrom is not null && (Environment.TickCount64 >= _textDue || _text.Length > LongestText))
                Flush();
        }

        Flush();
    }

    private void Handle(Item item)
    {
        if (item is MessageItem message)
        {
            Flush();
            Send(message);
            return;
        }

        var text = (TextItem)item;
        if (_textFrom is { } from && (from.IsError != text.IsError || !ReferenceEquals(from.Parent, text.Parent)))
            Flush();
        if (_textFrom is null)
            (_textFrom, _textDue) = (text, Environment.TickCount64 + (long)s_patience.TotalMilliseconds);
        _text.Append(text.Text);
    }

    private void Flush()
    {
        if (_textFrom is not { } from)
            return;
        Send(new MessageItem(from.Parent, "stream", new JsonObject { ["name"] = from.IsError ? "stderr" : "stdout", ["text"] = _text.ToString() }));
        _text.Clear();
        _textFrom = null;
    }

    private void Send(MessageItem message) =>
        _socket.SendMultipartBytes(_codec.Encode([Encoding.UTF8.GetBytes(message.Type)], message.Type, message.Parent, message.Content));
}
