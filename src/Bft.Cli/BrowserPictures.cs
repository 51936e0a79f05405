using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Bft.Cli;

/// <summary>Draws SVG files as PNG files with a browser that is installed anyway: one start for all of them.</summary>
internal static partial class BrowserPictures
{
    private const int Scale = 2;

    /// <summary>Programs that are looked for on the path.</summary>
    public static IReadOnlyList<string> Names { get; } = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];

    /// <summary>The first of <see cref="Names"/> on the path; null when there is none.</summary>
    public static string? FindBrowser() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Draws each <c>stem.svg</c> as <c>stem.png</c>, two pixels for one.</summary>
    /// <exception cref="InvalidDataException">The browser drew fewer pictures than asked for; names the first that is missing.</exception>
    public static async Task DrawAsync(string browser, IReadOnlyList<string> stems, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("bft-pictures-").FullName;
        try
        {
            var page = Path.Combine(folder, "page.html");
            await File.WriteAllTextAsync(page, Page(stems), cancellationToken);
            var drawn = Drawn().Matches(await DumpAsync(browser, folder, page, cancellationToken)).ToDictionary(match => int.Parse(match.Groups[1].Value), match => match.Groups[2].Value);
            foreach (var (index, stem) in stems.Index())
                await File.WriteAllBytesAsync(
                    stem + ".png",
                    Convert.FromBase64String(drawn.GetValueOrDefault(index) ?? throw new InvalidDataException($"{stem}.svg: {Path.GetFileName(browser)} did not draw it.")),
                    cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Page(IReadOnlyList<string> stems)
    {
        var page = new StringBuilder("<!DOCTYPE html><meta charset=utf-8><body>");
        foreach (var (index, stem) in stems.Index())
            page.Append($"<img id={index} src='data:image/svg+xml;base64,{Convert.ToBase64String(File.ReadAllBytes(stem + ".svg"))}'>\n");
        return page.Append($$"""
            <script>
            onload = () => document.querySelectorAll("img").forEach(image => {
              const canvas = document.createElement("canvas");
              canvas.width = image.naturalWidth * {{Scale}};
              canvas.height = image.naturalHeight * {{Scale}};
              canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
              const text = document.createElement("pre");
              text.textContent = image.id + " " + canvas.toDataURL("image/png").split(",")[1];
              image.replaceWith(text);
            });
            </script>
            """).ToString();
    }

    private static async Task<string> DumpAsync(string browser, string folder, string page, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(browser, ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", $"--user-data-dir={Path.Combine(folder, "profile")}", "--dump-dom", new Uri(page).AbsoluteUri])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var complaints = process.StandardError.ReadToEndAsync(cancellationToken);
        var dumped = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        await complaints;
        return dumped;
    }

    [GeneratedRegex("<pre>(\\d+) ([A-Za-z0-9+/=]+)</pre>")]
    private static partial Regex Drawn();
}
