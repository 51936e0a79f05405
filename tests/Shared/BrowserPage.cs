using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Bft.Tests;

/// <summary>One page of a <see cref="Browser"/>: what a reader does with it and what it complained of.</summary>
internal sealed class BrowserPage(Browser browser, string session)
{
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _requests = new();

    /// <summary>Exceptions, messages of <c>console.error</c> and failed requests, so far.</summary>
    public IReadOnlyList<string> Errors => [.. _errors];

    /// <summary>Addresses that were asked for and leave this machine, so far; data within the page are none.</summary>
    public IReadOnlyList<string> OutsideRequests => [.. _requests.Where(address => new Uri(address) is { IsFile: false } one && !one.IsLoopback && one.Scheme is not ("data" or "blob" or "about" or "chrome"))];

    internal string Session { get; } = session;

    /// <summary>The value of a JavaScript expression; a promise is waited for.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await AskAsync("Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        if (answer["exceptionDetails"] is { } details)
            throw new InvalidOperationException($"{expression}: {details["exception"]?["description"] ?? details["text"]}");
        return answer["result"]!["value"]?.DeepClone();
    }

    /// <summary>The value of an expression as text.</summary>
    public async Task<string> TextAsync(string expression) => (await EvaluateAsync(expression))?.ToString() ?? "";

    /// <summary>Waits until an expression is true; an expression that throws is not yet true.</summary>
    public async Task UntilAsync(string expression, double seconds = 30)
    {
        var end = DateTime.UtcNow.AddSeconds(seconds);
        while (!(bool)(await EvaluateAsync($"(() => {{ try {{ return !!({expression}); }} catch {{ return false; }} }})()"))!)
        {
            if (DateTime.UtcNow >= end)
                Assert.Fail($"After {seconds} s not yet: {expression}. Errors: {string.Join("; ", Errors)}. Text: {await TextAsync("document.body?.innerText.slice(-3000)")}");
            await Task.Delay(50);
        }
    }

    /// <summary>Goes to an address and waits until it has loaded.</summary>
    public async Task GoAsync(string address)
    {
        await AskAsync("Page.navigate", new() { ["url"] = address });
        await UntilAsync($"location.href != 'about:blank' && document.readyState == 'complete'");
    }

    /// <summary>Moves the pointer to a place in the window, in pixels.</summary>
    public Task PointAsync(double x, double y) => MouseAsync("mouseMoved", x, y, "none");

    /// <summary>Presses the left button at the middle of the first element that a selector finds.</summary>
    public async Task ClickAsync(string selector)
    {
        var place = (await EvaluateAsync($"(() => {{ const r = document.querySelector(`{selector}`).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"))!;
        var (x, y) = ((double)place[0]!, (double)place[1]!);
        await MouseAsync("mouseMoved", x, y, "none");
        await MouseAsync("mousePressed", x, y, "left");
        await MouseAsync("mouseReleased", x, y, "left");
    }

    /// <summary>Writes what the window shows, or the whole page, to <c>artifacts/browser/NAME.png</c> of the checkout, to be looked at.</summary>
    public async Task ScreenshotAsync(string name, bool whole = false)
    {
        var picture = await AskAsync("Page.captureScreenshot", new() { ["captureBeyondViewport"] = whole });
        var folder = Directory.CreateDirectory(Path.Combine(Checkout.Root, "artifacts", "browser")).FullName;
        File.WriteAllBytes(Path.Combine(folder, name + ".png"), Convert.FromBase64String((string)picture["data"]!));
    }

    internal async Task StartAsync(string address, int width, bool isDark)
    {
        foreach (var domain in (string[])["Page", "Runtime", "Network", "Log"])
            await AskAsync(domain + ".enable", []);
        await AskAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        await AskAsync("Emulation.setEmulatedMedia", new() { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }) });
        await GoAsync(address);
    }

    /// <summary>An event of the protocol.</summary>
    internal void Take(string method, JsonNode content)
    {
        if (method == "Runtime.exceptionThrown")
            _errors.Enqueue((string?)content["exceptionDetails"]!["exception"]?["description"] ?? (string)content["exceptionDetails"]!["text"]!);
        else if (method == "Runtime.consoleAPICalled" && (string?)content["type"] is "error" or "assert")
            _errors.Enqueue(string.Join(' ', content["args"]!.AsArray().Select(one => one!["value"] ?? one["description"])));
        else if (method == "Log.entryAdded" && (string?)content["entry"]!["level"] == "error")
            _errors.Enqueue($"{content["entry"]!["text"]} {content["entry"]!["url"]}");
        else if (method == "Network.requestWillBeSent")
            _requests.Enqueue((string)content["request"]!["url"]!);
        else if (method == "Network.webSocketCreated")
            _requests.Enqueue((string)content["url"]!);
        else if (method == "Page.javascriptDialogOpening")
            _ = AskAsync("Page.handleJavaScriptDialog", new() { ["accept"] = true });
    }

    private Task<JsonNode> MouseAsync(string type, double x, double y, string button) =>
        AskAsync("Input.dispatchMouseEvent", new() { ["type"] = type, ["x"] = x, ["y"] = y, ["button"] = button, ["clickCount"] = button == "none" ? 0 : 1 });

    private Task<JsonNode> AskAsync(string method, JsonObject parameters) => browser.AskAsync(method, parameters, Session);
}
