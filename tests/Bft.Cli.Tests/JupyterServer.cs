using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>The classic notebook, serving a folder to this machine alone until it is disposed of.</summary>
internal sealed class JupyterServer : IDisposable
{
    private const string Token = "of-the-test";
    private readonly Process _process;
    private readonly string _address;

    /// <summary>Starts it; a page that is opened at once waits for it.</summary>
    public JupyterServer(Jupyter jupyter)
    {
        var port = FreePort();
        _address = $"http://127.0.0.1:{port}";
        var start = jupyter.Command("notebook", ["--no-browser", "--allow-root", "--ip=127.0.0.1", $"--port={port}", "--port-retries=0", $"--NotebookApp.token={Token}"]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        _process = Process.Start(start)!;
        _ = _process.StandardOutput.ReadToEndAsync();
        _ = _process.StandardError.ReadToEndAsync();
        WaitUntilItListens(port);
    }

    /// <summary>Opens a notebook of the folder and waits until its kernel listens.</summary>
    public async Task<BrowserPage> OpenAsync(Browser browser, string notebook)
    {
        var page = await browser.OpenAsync($"{_address}/notebooks/{notebook}?token={Token}");
        await page.UntilAsync("Jupyter.notebook._fully_loaded && Jupyter.notebook.kernel.is_connected() && Jupyter.notebook.kernel.info_reply.status == 'ok'", 60);
        return page;
    }

    /// <summary>What a page complained of that has to do with us: the notebook itself always looks for widgets, which Debian keeps in a package of their own.</summary>
    public static IEnumerable<string> Complaints(BrowserPage page) => page.Errors.Where(error => !error.Contains("/nbextensions/widgets/", StringComparison.Ordinal));

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void WaitUntilItListens(int port)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            using var client = new TcpClient();
            try
            {
                client.Connect(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!_process.HasExited)
            {
                Thread.Sleep(50);
            }
        }

        Assert.Fail("Jupyter did not listen within half a minute.");
    }
}
