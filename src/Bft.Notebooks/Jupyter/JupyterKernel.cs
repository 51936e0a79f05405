using NetMQ;

namespace Bft.Notebooks.Jupyter;

/// <summary>A Jupyter kernel for C# and F# cells (messaging protocol 5.3 over ZeroMQ).</summary>
public static class JupyterKernel
{
    /// <summary>Serves the front end that wrote the connection file, until it says stop, its process ends, or the token is cancelled.</summary>
    /// <param name="connectionFile">Addresses, ports and key; only loopback addresses and signed messages are accepted.</param>
    /// <param name="options">The session and the limits.</param>
    /// <param name="cancellationToken">Ends the kernel.</param>
    /// <exception cref="ConnectionFileException">The file is not usable; the message lists every problem.</exception>
    /// <exception cref="IOException">The file cannot be read, or a port is taken.</exception>
    /// <exception cref="ArgumentException">The options are wrong; the message lists every problem.</exception>
    public static async Task RunAsync(string connectionFile, KernelOptions options, CancellationToken cancellationToken)
    {
        using (var host = new KernelHost(ConnectionFile.Read(connectionFile), options, TimeProvider.System))
            await host.RunAsync(cancellationToken).ConfigureAwait(false);
        NetMQConfig.Cleanup(); // waits until the last replies have left
    }
}
