using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Jupyter;

/// <summary>A running kernel: a session behind the five channels of the protocol.</summary>
/// <remarks>
/// The control channel has its own thread and never waits for a cell, so interrupt and shutdown are always heard. Cells run on the session's thread,
/// requests of the shell on another, outputs leave on a third. Restarting is the front end's work: it shuts this process down and starts another.
/// </remarks>
internal sealed class KernelHost : IDisposable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);
    private readonly MessageCodec _codec;
    private readonly KernelOptions _options;
    private readonly RejectionLog _log;
    private readonly OutputChannel _outputs;
    private readonly InputRequests _input;
    private readonly Conversation _conversation;
    private readonly ExecuteRequests _execute;
    private readonly ShellLoop _shell;
    private readonly List<RouterChannel> _channels = [];
    private readonly Task<INotebookSession> _session;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens the channels and starts the session; the first requests may come before it is ready.</summary>
    /// <exception cref="IOException">A port is taken.</exception>
    /// <exception cref="ArgumentException">The options are wrong; the message lists every problem.</exception>
    public KernelHost(ConnectionFile connection, KernelOptions options, TimeProvider clock)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        _options = options;
        _log = new RejectionLog(options.Log);
        _codec = new MessageCodec(connection.Key, clock);
        _outputs = new OutputChannel(connection.Endpoint(connection.IoPub), _codec);
        _input = new InputRequests(_codec);
        _conversation = new Conversation(_codec, _outputs, _log);
        var start = new SessionOptions
        {
            WorkingFolder = options.WorkingFolder,
            DefaultLanguage = options.DefaultLanguage,
            Assemblies = options.Assemblies,
            ShownAsText = options.ShownAsText,
            ShownBy = options.ShownBy,
            Limits = options.Limits,
        };
        _session = Task.Run(() => NotebookSession.StartAsync(start, CancellationToken.None));
        var history = new InputHistory();
        _execute = new ExecuteRequests(_session, _outputs, _input, history);
        _shell = new ShellLoop(_conversation, _execute, new CodeRequests(_session), history, options.DefaultLanguage, _outputs, _log);
        Open(connection);
        _conversation.Say("starting", null);
    }

    /// <summary>Messages that were not served so far.</summary>
    public int Rejected => _log.Count;

    /// <summary>Serves until a front end says stop, the parent process ends, or it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        AppDomain.CurrentDomain.ProcessExit += AnswerForCell;
        var loop = Task.Run(() => _shell.RunAsync(stop.Token), CancellationToken.None);
        var parent = _options.ParentProcess is { } id ? ParentWatch.WaitForEndAsync(id, stop.Token) : Task.Delay(Timeout.Infinite, stop.Token);
        await Task.WhenAny(_stopped.Task, parent, loop).ConfigureAwait(false);
        if (loop.IsFaulted)
            _log.Write($"the shell loop ended: {loop.Exception}");
        AppDomain.CurrentDomain.ProcessExit -= AnswerForCell;
        await stop.CancelAsync().ConfigureAwait(false);
        _execute.Interrupt();
        var ended = Task.WhenAll(loop, _session);
        await Task.WhenAny(ended, Task.Delay(s_grace, CancellationToken.None)).ConfigureAwait(false);
        if (loop.IsCompleted && _session.IsCompletedSuccessfully) // a cell in a native call ends with the process
            (await _session.ConfigureAwait(false)).Dispose();
    }

    /// <summary>Sends what is waiting and closes the channels.</summary>
    public void Dispose()
    {
        foreach (var channel in _channels)
            channel.Dispose();
        _outputs.Dispose();
    }

    // A cell has called Environment.Exit: the last moment to say so.
    private void AnswerForCell(object? sender, EventArgs e)
    {
        if (!_execute.AnswerForExit(Environment.ExitCode))
            return;
        _shell.Served.Wait(s_grace);
        Dispose();
        NetMQ.NetMQConfig.Cleanup();
    }

    private void Open(ConnectionFile connection)
    {
        try
        {
            Add(connection.Heartbeat, (channel, frames) => channel.Send(frames));
            Add(connection.Control, Read("control", (message, channel) => _ = ControlAsync(message, channel)));
            _input.Channel = Add(connection.Stdin, Read("stdin", Answer));
            Add(connection.Shell, Read("shell", TakeShell));
        }
        catch (IOException)
        {
            Dispose();
            throw;
        }

        RouterChannel Add(int port, Action<RouterChannel, List<byte[]>> receive)
        {
            _channels.Add(new RouterChannel(connection.Endpoint(port), receive));
            return _channels[^1];
        }
    }

    private Action<RouterChannel, List<byte[]>> Read(string name, Action<JupyterMessage, RouterChannel> take) => (channel, frames) =>
    {
        try
        {
            take(_codec.Decode(frames), channel);
        }
        catch (RejectedMessageException e)
        {
            _log.Add(name, e.Message);
        }
    };

    private void TakeShell(JupyterMessage message, RouterChannel channel)
    {
        if (message.Type is "shutdown_request" or "interrupt_request") // older front ends ask here; neither can wait for a cell
            _ = ControlAsync(message, channel);
        else
            _shell.Add(message, channel);
    }

    private void Answer(JupyterMessage message, RouterChannel channel)
    {
        if (!_input.Answer(message))
            _log.Add("stdin", $"'{message.Type}' answers no question.");
    }

    private async Task ControlAsync(JupyterMessage message, RouterChannel channel)
    {
        await _conversation.ServeAsync(message, channel, request => ValueTask.FromResult(AnswerControl(request))).ConfigureAwait(false);
        if (message.Type == "shutdown_request")
            _stopped.TrySetResult();
    }

    private JsonObject? AnswerControl(JupyterMessage request)
    {
        switch (request.Type)
        {
            case "interrupt_request":
                _execute.Interrupt(request.Date);
                return new JsonObject { ["status"] = "ok" };
            case "shutdown_request":
                var restart = RequestFields.Flag(request.Content, "restart", absent: false);
                _outputs.Publish("shutdown_reply", request.RawHeader, new JsonObject { ["status"] = "ok", ["restart"] = restart });
                return new JsonObject { ["status"] = "ok", ["restart"] = restart };
            case "kernel_info_request":
                return KernelInfo.Create(_options.DefaultLanguage);
            default:
                _log.Add("control", $"'{request.Type}' is unknown.");
                return null;
        }
    }
}
