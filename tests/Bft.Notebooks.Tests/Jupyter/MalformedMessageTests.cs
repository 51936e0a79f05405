using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Bft.Notebooks.Jupyter;
using NetMQ;
using NetMQ.Sockets;

namespace Bft.Notebooks.Tests.Jupyter;

/// <summary>What is not signed with the key does nothing; what is malformed harms nothing.</summary>
public class MalformedMessageTests(LiveKernel live)
{
    private const string Attack = """{"code":"var attacked = 1;","silent":false}""";
    private readonly KernelClient _client = live.Client;
    private readonly string _key = live.Connection.Key;

    [Fact]
    public void Unsigned_and_tampered_messages_run_nothing()
    {
        var good = KernelClient.Sign(_key, MalformedMessage.Header("execute_request"), "{}", "{}", Attack);
        List<List<byte[]>> wrong = [KernelClient.Sign("another key", MalformedMessage.Header("execute_request"), "{}", "{}", Attack), [.. good], [.. good], [.. good]];
        wrong[1][1] = []; // unsigned
        wrong[2][5] = "{\"code\":\"var attacked = 2;\"}"u8.ToArray(); // content changed after signing
        wrong[3][1] = [.. good[1][..^2], (byte)'0', (byte)'0'];
        var codec = new MessageCodec(_key, TimeProvider.System);
        Assert.All(wrong, frames => Assert.Contains("signature is wrong", Assert.Throws<RejectedMessageException>(() => codec.Decode(frames)).Message));
        Send(_client.Shell, wrong);
        Assert.Equal("error", _client.Run("attacked").Reply.Status);

        _client.Shell.SendMultipartBytes(good); // the same message with its signature does run
        _client.Receive(_client.Shell);
        Assert.Equal("1", _client.Run("attacked++").Result);
        Send(_client.Shell, [good]); // but once
        Assert.Equal("2", _client.Run("attacked").Result);
    }

    public static TheoryData<string> Names { get; } = [.. MalformedMessage.All.Select(message => message.Name)];

    [Fact]
    public void There_are_more_than_sixty() => Assert.InRange(MalformedMessage.All.DistinctBy(message => message.Name).Count(), 61, 99); // the log has room for a hundred

    [Theory]
    [MemberData(nameof(Names))]
    public void A_malformed_message_is_survived(string name)
    {
        var message = MalformedMessage.All.Single(one => one.Name == name);
        var (rejected, logged) = (live.Host.Rejected, live.Log.Count);
        using var heart = new DealerSocket();
        heart.Connect(live.Connection.Endpoint(live.Connection.Heartbeat));
        var channel = message.Channel switch { "shell" => _client.Shell, "control" => _client.Control, "stdin" => _client.Stdin, _ => heart };
        var frames = message.Frames(_key);
        channel.SendMultipartBytes(frames);
        if (message.Channel == "heartbeat")
            Assert.Equal(frames, heart.ReceiveMultipartBytes());
        else if (message.Answer is not null)
        {
            var reply = _client.Receive(channel);
            Assert.Equal(message.Answer, reply.Status);
            if (message.Reason is not null)
                Assert.Contains(message.Reason, (string?)reply.Content["evalue"]);
        }
        else if (message.Reason is not null)
        {
            Wait(() => live.Host.Rejected > rejected && live.Log.Count > logged);
            var line = live.Log.Last();
            Assert.Contains(message.Reason, line);
            Assert.StartsWith($"bft notebook kernel: {message.Channel}: message rejected: ", line);
            Assert.True(line.Length < 400 && !line.Contains('\n'), "a stranger fills the log");
        }

        Assert.Equal("2", _client.Run("1 + 1").Result); // nothing else came on the channel either
    }

    [Fact]
    public void A_cell_that_comes_on_the_control_channel_does_not_run()
    {
        Send(_client.Control, [KernelClient.Sign(_key, MalformedMessage.Header("execute_request"), "{}", "{}", """{"code":"var stolen = 3;"}""")]);
        Assert.Equal("error", _client.Run("stolen").Reply.Status);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\u00ff\0\0\0\0\0\0\0\u0001\u007f\u0003\0NULL")]
    [InlineData("\u0001\0")]
    public void Another_protocol_on_the_ports_is_survived(string bytes)
    {
        foreach (var port in new[] { live.Connection.Shell, live.Connection.Control, live.Connection.IoPub, live.Connection.Heartbeat })
        {
            using var socket = new TcpClient();
            socket.Connect(IPAddress.Loopback, port);
            socket.GetStream().Write(Encoding.Latin1.GetBytes(bytes));
        }

        Assert.Equal("2", _client.Run("1 + 1").Result);
    }

    [Fact]
    public void The_client_of_these_tests_notices_a_wrong_kernel()
    {
        var codec = new MessageCodec(_key, TimeProvider.System);
        var content = new JsonObject { ["status"] = "ok" };
        Assert.Equal("x_reply", KernelClient.Open(codec.Encode([], "x_reply", Encoding.UTF8.GetBytes(MalformedMessage.Header("x_request")), content), _key).Type);
        Assert.Throws<InvalidDataException>(() => KernelClient.Open(codec.Encode([], "x_reply", null, content), _key)); // no parent header
        Assert.Throws<InvalidDataException>(() => KernelClient.Open(codec.Encode([], "x_reply", Encoding.UTF8.GetBytes(MalformedMessage.Header("x_request")), content), "other"));
    }

    // Sends and waits until each message has been rejected.
    private void Send(DealerSocket channel, List<List<byte[]>> messages)
    {
        var before = live.Host.Rejected;
        foreach (var message in messages)
            channel.SendMultipartBytes(message);
        Wait(() => live.Host.Rejected >= before + messages.Count);
        Assert.Equal(before + messages.Count, live.Host.Rejected);
    }

    private static void Wait(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition() && watch.Elapsed < TimeSpan.FromSeconds(20))
            Thread.Sleep(5);
        Assert.True(condition(), "the message was not rejected");
    }
}
