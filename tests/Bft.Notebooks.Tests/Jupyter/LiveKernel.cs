using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Bft.Notebooks.Jupyter;
using Bft.Notebooks.Tests.Jupyter;

[assembly: AssemblyFixture(typeof(LiveKernel))]

namespace Bft.Notebooks.Tests.Jupyter;

/// <summary>One kernel in this process for all tests that do not end theirs.</summary>
public sealed class LiveKernel : IAsyncLifetime
{
    internal const int LongestText = 8_000_000;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    internal ConnectionFile Connection { get; } = Connect();

    /// <summary>Lines of the kernel's log.</summary>
    internal ConcurrentQueue<string> Log { get; } = [];

    internal KernelHost Host { get; private set; } = null!;

    internal KernelClient Client { get; private set; } = null!;

    public ValueTask InitializeAsync()
    {
        Host = new KernelHost(Connection, new KernelOptions { WorkingFolder = AppContext.BaseDirectory, Limits = new Bft.Notebooks.Sessions.OutputLimits { Text = LongestText }, Log = new LogWriter(Log) }, TimeProvider.System);
        _running = Task.Run(() => Host.RunAsync(_stop.Token));
        Client = new KernelClient(Connection);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _stop.CancelAsync();
        await _running;
        Host.Dispose();
        _stop.Dispose();
    }

    private sealed class LogWriter(ConcurrentQueue<string> lines) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value) => lines.Enqueue(value ?? "");
    }

    /// <summary>Ports that are free now.</summary>
    internal static ConnectionFile Connect()
    {
        var listeners = Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.ConvertAll(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        listeners.ForEach(listener => listener.Stop());
        return new ConnectionFile("127.0.0.1", ports[0], ports[1], ports[2], ports[3], ports[4], Guid.NewGuid().ToString());
    }
}
