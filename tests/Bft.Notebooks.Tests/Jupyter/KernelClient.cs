using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Bft.Notebooks.Jupyter;
using NetMQ;
using NetMQ.Sockets;

namespace Bft.Notebooks.Tests.Jupyter;

/// <summary>A message as a front end sees it.</summary>
internal sealed record KernelMessage(string Type, string? Parent, JsonObject Content)
{
    public string? Status => (string?)Content["status"];
}

/// <summary>What one request brought: the reply and everything on iopub between busy and idle.</summary>
internal sealed record Exchange(KernelMessage Reply, IReadOnlyList<KernelMessage> Outputs)
{
    public string Text(string stream = "stdout") =>
        string.Concat(Of("stream").Where(output => (string?)output.Content["name"] == stream).Select(output => (string?)output.Content["text"]));

    public string? Result => (string?)Of("execute_result").SingleOrDefault()?.Content["data"]?["text/plain"];

    public IEnumerable<KernelMessage> Of(string type) => Outputs.Where(output => output.Type == type);
}

/// <summary>Plays the front end. It reads the wire by itself, so that a kernel that signs or addresses wrongly is noticed.</summary>
internal sealed class KernelClient : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly string _key;
    private readonly Queue<KernelMessage> _published = [];

    public KernelClient(ConnectionFile connection)
    {
        _key = connection.Key;
        var identity = Guid.NewGuid().ToByteArray();
        foreach (var socket in new[] { Shell, Control, Stdin })
            socket.Options.Identity = identity;
        Shell.Connect(connection.Endpoint(connection.Shell));
        Control.Connect(connection.Endpoint(connection.Control));
        Stdin.Connect(connection.Endpoint(connection.Stdin));
        Heartbeat.Connect(connection.Endpoint(connection.Heartbeat));
        Published.Options.ReceiveHighWatermark = 0;
        Published.Connect(connection.Endpoint(connection.IoPub));
        Published.SubscribeToAnyTopic();
        WaitForOutputs();
    }

    public DealerSocket Shell { get; } = new();

    public DealerSocket Control { get; } = new();

    public DealerSocket Stdin { get; } = new();

    public RequestSocket Heartbeat { get; } = new();

    public SubscriberSocket Published { get; } = new();

    /// <summary>Runs a cell and waits for reply and idle.</summary>
    public Exchange Run(string code, bool silent = false, bool allowStdin = false) => Finish(Shell, Start(code, silent, allowStdin));

    /// <summary>Sends a cell and returns the request's id.</summary>
    public string Start(string code, bool silent = false, bool allowStdin = false, bool stopOnError = true) => Send(Shell, "execute_request", new JsonObject
    {
        ["code"] = code,
        ["silent"] = silent,
        ["store_history"] = !silent,
        ["allow_stdin"] = allowStdin,
        ["stop_on_error"] = stopOnError,
        ["user_expressions"] = new JsonObject(),
    });

    public Exchange Ask(DealerSocket channel, string type, JsonObject content) => Finish(channel, Send(channel, type, content));

    /// <summary>The reply on the channel and the outputs up to idle.</summary>
    public Exchange Finish(DealerSocket channel, string id)
    {
        var outputs = Outputs(id, "idle");
        var reply = Receive(channel);
        Assert.Equal(id, reply.Parent);
        return new Exchange(reply, outputs);
    }

    /// <summary>Everything published for a request, from busy to the given state.</summary>
    public List<KernelMessage> Outputs(string id, string state)
    {
        var outputs = new List<KernelMessage>();
        var watch = Stopwatch.StartNew();
        while (outputs is not [.., { Type: "status" } last] || (string?)last.Content["execution_state"] != state)
        {
            Assert.True(watch.Elapsed < s_patience, $"{state} did not come; got {string.Join(", ", outputs.Select(output => output.Type))}");
            var message = _published.Count > 0 ? _published.Dequeue() : Receive(Published);
            if (message.Parent == id)
                outputs.Add(message);
        }

        Assert.True(outputs[0] is { Type: "status" } first && (string?)first.Content["execution_state"] is "busy" or "starting", "the request does not begin with busy");
        return outputs;
    }

    public KernelMessage Receive(NetMQSocket channel)
    {
        var frames = new List<byte[]>();
        Assert.True(channel.TryReceiveMultipartBytes(s_patience, ref frames!), "no message came");
        return Open(frames, _key);
    }

    public string Send(DealerSocket channel, string type, JsonObject content, string date = "2026-01-01T00:00:00Z")
    {
        var id = Guid.NewGuid().ToString();
        var header = new JsonObject { ["msg_id"] = id, ["msg_type"] = type, ["session"] = "test", ["username"] = "é", ["date"] = date, ["version"] = "5.3" };
        channel.SendMultipartBytes(Sign(_key, header.ToJsonString(), "{}", "{}", content.ToJsonString()));
        return id;
    }

    /// <summary>The frames of a signed message.</summary>
    public static List<byte[]> Sign(string key, params string[] parts) => Sign(key, [.. parts.Select(Encoding.UTF8.GetBytes)]);

    public static List<byte[]> Sign(string key, byte[][] parts) =>
        ["<IDS|MSG>"u8.ToArray(), Encoding.ASCII.GetBytes(Signature(key, parts)), .. parts];

    /// <summary>Reads a message of the kernel; one that is not signed, or belongs to no request, is an error.</summary>
    public static KernelMessage Open(IReadOnlyList<byte[]> frames, string key)
    {
        var start = frames.ToList().FindIndex(frame => frame.AsSpan().SequenceEqual("<IDS|MSG>"u8)) + 2;
        var parts = frames.Skip(start).ToArray();
        if (Encoding.ASCII.GetString(frames[start - 1]) != Signature(key, parts))
            throw new InvalidDataException("wrong signature");
        var (header, parent) = (Read(parts[0]), Read(parts[1]));
        var type = (string)header["msg_type"]!;
        if (parent["msg_id"] is null && type != "status")
            throw new InvalidDataException($"{type} has no parent header");
        return new KernelMessage(type, (string?)parent["msg_id"], Read(parts[3]));
    }

    public void Dispose()
    {
        foreach (var socket in new NetMQSocket[] { Shell, Control, Stdin, Heartbeat, Published })
        {
            socket.Options.Linger = TimeSpan.Zero;
            socket.Dispose();
        }
    }

    private static JsonObject Read(byte[] part) => JsonNode.Parse(part)!.AsObject();

    private static string Signature(string key, byte[][] parts) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), parts.Take(4).SelectMany(part => part).ToArray()));

    // A subscription takes a moment; what is published before it arrives is lost.
    private void WaitForOutputs()
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < s_patience)
        {
            Send(Control, "kernel_info_request", []);
            Receive(Control);
            var frames = new List<byte[]>();
            if (Published.TryReceiveMultipartBytes(TimeSpan.FromMilliseconds(100), ref frames!))
                return;
        }

        Assert.Fail("nothing is published");
    }
}
