using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace Bft.Tests;

/// <summary>
/// A headless Chromium of the machine with a profile of its own, driven over its DevTools protocol (the driver packages bring a browser or a Node of their own).
/// No host but this one can be reached. Without a browser tests are skipped, or fail when CI=true.
/// </summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];

    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("bft-browser-");
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _asked = new();
    private readonly ConcurrentDictionary<string, BrowserPage> _pages = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Process _process;
    private int _last;

    private Browser(string program) => _process = Process.Start(new ProcessStartInfo(program,
        ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={_profile.FullName}",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", "about:blank"])
    { RedirectStandardError = true, RedirectStandardOutput = true })!;

    /// <summary>Starts the browser.</summary>
    public static async Task<Browser> RequireAsync()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (program is null)
            Missing.Skip("needs Chromium or Chrome on the path");
        var browser = new Browser(program!);
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a page and waits until it has loaded.</summary>
    /// <param name="width">Width of the window in pixels.</param>
    /// <param name="isDark">Whether the reader's system is dark.</param>
    public async Task<BrowserPage> OpenAsync(string address, int width = 1100, bool isDark = false)
    {
        var target = await AskAsync("Target.createTarget", new() { ["url"] = "about:blank" });
        var attached = await AskAsync("Target.attachToTarget", new() { ["targetId"] = (string)target["targetId"]!, ["flatten"] = true });
        var page = new BrowserPage(this, (string)attached["sessionId"]!);
        _pages[page.Session] = page;
        await page.StartAsync(address, width, isDark);
        return page;
    }

    /// <summary>One command of the protocol and its answer.</summary>
    internal async Task<JsonNode> AskAsync(string method, JsonObject parameters, string? session = null)
    {
        var number = Interlocked.Increment(ref _last);
        var answer = _asked[number] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = number, ["method"] = method, ["params"] = parameters };
        if (session is not null)
            message["sessionId"] = session;
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, default);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _socket.Dispose();
        _sending.Dispose();
        for (var attempt = 0; attempt < 20 && _profile.Exists; attempt++, _profile.Refresh())
            try
            {
                _profile.Delete(recursive: true);
            }
            catch (IOException) // a child of the browser still writes
            {
                await Task.Delay(100);
            }
    }

    private async Task ConnectAsync()
    {
        const string Announced = "DevTools listening on ";
        string? line;
        do
            line = await _process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException("The browser ended before it listened.");
        while (!line.StartsWith(Announced, StringComparison.Ordinal));
        _ = _process.StandardError.ReadToEndAsync();
        _ = _process.StandardOutput.ReadToEndAsync();
        await _socket.ConnectAsync(new(line[Announced.Length..]), default);
        _ = ListenAsync();
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (_socket.State == WebSocketState.Open)
            {
                using var message = new MemoryStream();
                WebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer, default);
                    message.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);
                if (message.Length > 0)
                    Take(JsonNode.Parse(message.ToArray())!);
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            foreach (var waiting in _asked.Values) // the browser is gone: nobody may wait for it
                waiting.TrySetException(e);
        }
    }

    private void Take(JsonNode message)
    {
        if ((int?)message["id"] is { } number)
        {
            if (!_asked.TryRemove(number, out var waiting))
                return;
            if (message["error"] is { } error)
                waiting.TrySetException(new InvalidOperationException(error.ToJsonString()));
            else
                waiting.TrySetResult(message["result"]!);
        }
        else if ((string?)message["sessionId"] is { } session && _pages.TryGetValue(session, out var page))
        {
            page.Take((string)message["method"]!, message["params"]!);
        }
    }
}
