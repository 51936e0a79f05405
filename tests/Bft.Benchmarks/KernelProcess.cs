using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using NetMQ;
using NetMQ.Sockets;

namespace Bft.Benchmarks;

/// <summary>What a cell brought: how long until its reply and its idle were here, its result or error, and the characters that came as output.</summary>
internal sealed record CellTime(TimeSpan Elapsed, string? Result, string? Error, long Characters);

/// <summary>The kernel's process has ended.</summary>
internal sealed class KernelEndedException(string message) : Exception(message);

/// <summary>A kernel started as a front end does it: a connection file, a process of its own, five sockets.</summary>
internal sealed class KernelProcess : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private readonly string _key = Guid.NewGuid().ToString();
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-kernel").FullName;
    private readonly DealerSocket _shell = new();
    private readonly DealerSocket _control = new();
    private readonly DealerSocket _stdin = new();
    private readonly SubscriberSocket _outputs = new();
    private readonly Process _process;
    private readonly long _started;

    /// <param name="setting">The program <c>bft</c>, which is started as its kernelspec says.</param>
    /// <param name="kernel">Name of the kernel.</param>
    public KernelProcess(KernelSetting setting, string kernel = ".net-csharp")
    {
        var spec = KernelSpec(setting.Program, kernel);
        var ports = FreePorts();
        var file = Path.Combine(_folder, "connection.json");
        File.WriteAllText(file, new JsonObject
        {
            ["ip"] = "127.0.0.1",
            ["transport"] = "tcp",
            ["signature_scheme"] = "hmac-sha256",
            ["key"] = _key,
            ["shell_port"] = ports[0],
            ["control_port"] = ports[1],
            ["stdin_port"] = ports[2],
            ["iopub_port"] = ports[3],
            ["hb_port"] = ports[4],
        }.ToJsonString());
        var identity = Guid.NewGuid().ToByteArray();
        NetMQSocket[] sockets = [_shell, _control, _stdin, _outputs];
        for (var i = 0; i < sockets.Length; i++)
        {
            sockets[i].Options.Identity = identity;
            sockets[i].Options.ReconnectInterval = TimeSpan.FromMilliseconds(10);
            sockets[i].Options.ReceiveHighWatermark = 0;
            sockets[i].Connect($"tcp://127.0.0.1:{ports[i]}");
        }

        _outputs.SubscribeToAnyTopic();
        List<string> command = [.. spec["argv"]!.AsArray().Select(part => ((string)part!).Replace("{connection_file}", file, StringComparison.Ordinal))];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = _folder, RedirectStandardError = true };
        foreach (var (name, value) in spec["env"] as JsonObject ?? [])
            start.Environment[name] = (string)value!;
        foreach (var (name, value) in setting.Variables)
            start.Environment[name] = value;
        _started = Stopwatch.GetTimestamp();
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        _process.BeginErrorReadLine();
    }

    /// <summary>Time since the process was started.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_started);

    /// <summary>Processor time of the process so far.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident set in bytes, now and at its highest.</summary>
    public (long Now, long Peak) Memory => (Status("VmRSS"), Status("VmHWM"));

    /// <summary>Waits for the answer to a first <c>kernel_info_request</c>.</summary>
    public void Greet()
    {
        var id = Send(_shell, "kernel_info_request", []);
        while (Receive(_shell).Parent != id)
        {
        }
    }

    /// <summary>Sends a cell without waiting; the answer is its id.</summary>
    public string Start(string code) => Send(_shell, "execute_request", new JsonObject { ["code"] = code, ["silent"] = false, ["store_history"] = true, ["allow_stdin"] = true });

    /// <summary>Runs a cell.</summary>
    public CellTime Run(string code)
    {
        var watch = Stopwatch.GetTimestamp();
        return Finish(Start(code), watch);
    }

    /// <summary>Waits for the end of a cell; the time counts from <paramref name="since"/>.</summary>
    /// <exception cref="TimeoutException">It has not ended in time.</exception>
    /// <exception cref="KernelEndedException">The process has ended instead.</exception>
    public CellTime Finish(string id, long since, TimeSpan? limit = null)
    {
        var (reply, idle, result, error, characters) = (false, false, (string?)null, (string?)null, 0L);
        while (!reply || !idle)
        {
            if (reply || (!idle && _outputs.HasIn))
                Take(Receive(_outputs));
            else if (!_shell.Poll(PollEvents.PollIn, TimeSpan.FromMilliseconds(1)).HasFlag(PollEvents.PollIn))
                Fail(since, limit ?? s_limit);
            else if (Receive(_shell) is var answer && answer.Parent == id)
            {
                reply = true;
                error = (string?)answer.Content["ename"];
            }
        }

        return new CellTime(Stopwatch.GetElapsedTime(since), result, error, characters);

        void Take(Message message)
        {
            if (message.Parent != id)
                return;
            idle |= message.Type == "status" && (string?)message.Content["execution_state"] == "idle";
            characters += ((string?)message.Content["text"])?.Length ?? 0;
            characters += (message.Content["data"] as JsonObject)?.Sum(entry => entry.Value?.ToString().Length ?? 0) ?? 0;
            if (message.Type == "execute_result")
                result = (string?)message.Content["data"]?["text/plain"];
        }
    }

    /// <summary>Waits until the running cell has printed something.</summary>
    public void WaitForText(string id)
    {
        while (Receive(_outputs) is var message && !(message.Parent == id && message.Type == "stream"))
        {
        }
    }

    /// <summary>Asks for an interrupt on the control channel, without waiting for the answer.</summary>
    public void Interrupt() => Send(_control, "interrupt_request", []);

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        foreach (var socket in new NetMQSocket[] { _shell, _control, _stdin, _outputs })
        {
            socket.Options.Linger = TimeSpan.Zero;
            socket.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private sealed record Message(string Type, string? Parent, JsonObject Content);

    private void Fail(long since, TimeSpan limit)
    {
        if (_process.HasExited)
            throw new KernelEndedException($"The kernel has ended with exit code {_process.ExitCode}.");
        if (Stopwatch.GetElapsedTime(since) > limit)
            throw new TimeoutException($"A cell has not ended in {limit}.");
    }

    private string Send(DealerSocket channel, string type, JsonObject content)
    {
        var id = Guid.NewGuid().ToString();
        var header = new JsonObject { ["msg_id"] = id, ["msg_type"] = type, ["session"] = "benchmark", ["username"] = "u", ["date"] = "2026-01-01T00:00:00Z", ["version"] = "5.3" };
        byte[][] parts = [.. new[] { header.ToJsonString(), "{}", "{}", content.ToJsonString() }.Select(Encoding.UTF8.GetBytes)];
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(_key), parts.SelectMany(part => part).ToArray()));
        channel.SendMultipartBytes(["<IDS|MSG>"u8.ToArray(), Encoding.ASCII.GetBytes(signature), .. parts]);
        return id;
    }

    private Message Receive(NetMQSocket channel)
    {
        var (frames, since) = (new List<byte[]>(), Stopwatch.GetTimestamp());
        while (!channel.TryReceiveMultipartBytes(TimeSpan.FromMilliseconds(100), ref frames!))
            Fail(since, s_limit);
        var at = frames.FindIndex(frame => frame.AsSpan().SequenceEqual("<IDS|MSG>"u8)) + 2;
        return new Message((string)JsonNode.Parse(frames[at])!["msg_type"]!, (string?)JsonNode.Parse(frames[at + 1])!["msg_id"], JsonNode.Parse(frames[at + 3])!.AsObject());
    }

    private long Status(string field) => Measurement.StatusBytes(field, _process.Id);

    private JsonNode KernelSpec(string program, string name)
    {
        using var install = Process.Start(new ProcessStartInfo(program, ["notebook", "install", "--prefix", _folder]) { RedirectStandardOutput = true })!;
        install.StandardOutput.ReadToEnd();
        install.WaitForExit();
        return JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "share", "jupyter", "kernels", name, "kernel.json")))!;
    }

    private static List<int> FreePorts()
    {
        var listeners = Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.ConvertAll(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }
}
