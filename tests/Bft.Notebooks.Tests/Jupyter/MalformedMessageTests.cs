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
        var good = KernelClient.Sign(_key, Header("execute_request"), "{}", "{}", Attack);
        List<List<byte[]>> wrong = [KernelClient.Sign("another key", Header("execute_request"), "{}", "{}", Attack), [.. good], [.. good], [.. good]];
        wrong[1][1] = []; // unsigned
        wrong[2][5] = "{\"code\":\"var attacked = 2;\"}"u8.ToArray(); // content changed after signing
        wrong[3][1] = [.. good[1][..^2], (byte)'0', (byte)'0'];
        var codec = new MessageCodec(_key, TimeProvider.System);
        Assert.All(wrong, frames => Assert.Contains("signature is wrong", Assert.Throws<RejectedMessageException>(() => codec.Decode(frames)).Message));
        Send(_client.Shell, wrong);
        Assert.Equal("error", _client.Run("attacked").Reply.Status);

        _client.Shell.SendMultipartBytes(good); // the same message with its signature does run
        _client.Receive(_client.Shell);
        Assert.Equal("1", _client.Run("attacked").Result);
    }

    [Fact]
    public void Sixty_malformed_messages_are_counted_and_survived()
    {
        var sent = 0;
        foreach (var channel in new[] { _client.Shell, _client.Control, _client.Stdin })
            sent += Send(channel, [.. Malformed()]);
        Assert.True(sent >= 60, $"{sent}");
        foreach (var content in new[] { "{}", """{"code":5}""", """{"code":null}""", """{"code":"\ud800"}""" })
            Assert.Equal("error", Reply("execute_request", content).Status);
        foreach (var type in new[] { "complete_request", "inspect_request", "is_complete_request" })
            Assert.Equal("error", Reply(type, """{"cursor_pos":"x"}""").Status);
        Assert.Equal("ok", Reply("complete_request", """{"code":"x","cursor_pos":-99999999}""").Status);
        Assert.Equal("ok", Reply("complete_request", """{"code":"x","cursor_pos":99999999}""").Status);
        Assert.Equal("2", _client.Run("1 + 1").Result);
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
        Assert.Equal("x_reply", KernelClient.Open(codec.Encode([], "x_reply", Encoding.UTF8.GetBytes(Header("x_request")), content), _key).Type);
        Assert.Throws<InvalidDataException>(() => KernelClient.Open(codec.Encode([], "x_reply", null, content), _key)); // no parent header
        Assert.Throws<InvalidDataException>(() => KernelClient.Open(codec.Encode([], "x_reply", Encoding.UTF8.GetBytes(Header("x_request")), content), "other"));
    }

    private static string Header(string type) => $$"""{"msg_id":"m","msg_type":"{{type}}","session":"s","username":"u","version":"5.3"}""";

    private IEnumerable<List<byte[]>> Malformed()
    {
        var good = KernelClient.Sign(_key, Header("kernel_info_request"), "{}", "{}", "{}");
        yield return [[]];
        yield return [.. Enumerable.Range(0, 500).Select(_ => new byte[3])];
        yield return [new byte[1 << 20]];
        for (var count = 1; count < good.Count; count++)
            yield return good[..count]; // parts missing
        for (var frame = 0; frame < 2; frame++)
            yield return [.. good.Select((bytes, index) => index == frame ? [.. bytes[1..]] : bytes)];
        foreach (var header in new[] { "", "null", "[]", "5", "{", "{\"msg_id\":\"a\"}", "{\"msg_type\":\"kernel_info_request\"}", "{\"msg_id\":1,\"msg_type\":\"x\"}",
            "{\"msg_id\":\"a\",\"msg_type\":\"x\",\"msg_type\":\"y\"}", new string('[', 5000), "{\"msg_id\":\"a\",\"msg_type\":\"\"}", "{\"msg_id\":\"a\",\"msg_type\":\"\\ud800\"}" })
            yield return KernelClient.Sign(_key, header, "{}", "{}", "{}");
        for (var part = 1; part < 4; part++)
            yield return KernelClient.Sign(_key, [.. Enumerable.Range(0, 4).Select(i => i == part ? "not json"u8.ToArray() : Encoding.UTF8.GetBytes(i == 0 ? Header("x") : "{}"))]);
        yield return KernelClient.Sign(_key, [Encoding.UTF8.GetBytes(Header("x")), "{}"u8.ToArray(), "{}"u8.ToArray(), [(byte)'{', 0xff, 0xfe, (byte)'}']]);
        yield return KernelClient.Sign(_key, Header("nonsense_request"), "{}", "{}", "{}");
    }

    // Sends and waits until each message has been rejected.
    private int Send(DealerSocket channel, List<List<byte[]>> messages)
    {
        var before = live.Host.Rejected;
        foreach (var message in messages)
            channel.SendMultipartBytes(message);
        var watch = Stopwatch.StartNew();
        while (live.Host.Rejected < before + messages.Count && watch.Elapsed < TimeSpan.FromSeconds(10))
            Thread.Sleep(10);
        Assert.Equal(before + messages.Count, live.Host.Rejected);
        return messages.Count;
    }

    private KernelMessage Reply(string type, string content)
    {
        _client.Shell.SendMultipartBytes(KernelClient.Sign(_key, Header(type), "{}", "{}", content));
        return _client.Receive(_client.Shell);
    }
}
