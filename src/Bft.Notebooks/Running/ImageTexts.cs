using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bft.Notebooks.Files;

namespace Bft.Notebooks.Running;

/// <summary>Pictures that say nothing to a reader who cannot see them.</summary>
internal static partial class ImageTexts
{
    /// <summary>Number of pictures without an alternative text in a Markdown cell.</summary>
    public static int MissingInMarkdown(string source) => MissingInHtml(source) + MarkdownImage().Count(source);

    /// <summary>Number of pictures without an alternative text in an output.</summary>
    public static int Missing(JsonObject output)
    {
        if (output["data"] is not JsonObject data)
            return 0;
        if (data["text/html"] is { } html)
            return MissingInHtml(MultilineText.FromJson(html));
        return data.Count(form => form.Key.StartsWith("image/", StringComparison.Ordinal) && !IsDescribed(form, output));
    }

    private static bool IsDescribed(KeyValuePair<string, JsonNode?> form, JsonObject output) =>
        output["metadata"] is JsonObject metadata && metadata.Text(form.Key, "alt") is { Length: > 0 }
        || (form.Key == "image/svg+xml" && SvgText().IsMatch(MultilineText.FromJson(form.Value)));

    private static int MissingInHtml(string html) => Image().EnumerateMatches(html) is var found ? Count(html, found) : 0;

    private static int Count(string html, Regex.ValueMatchEnumerator images)
    {
        var missing = 0;
        foreach (var image in images)
            missing += Alternative().IsMatch(html.AsSpan(image.Index, image.Length)) ? 0 : 1;
        return missing;
    }

    [GeneratedRegex("""<img\b(?:[^>"']|"[^"]*"|'[^']*')*>""", RegexOptions.IgnoreCase)]
    private static partial Regex Image();

    [GeneratedRegex("""\balt\s*=\s*(?:"[^"]*\S[^"]*"|'[^']*\S[^']*'|[^\s"'>]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Alternative();

    [GeneratedRegex(@"!\[\s*\]\(")]
    private static partial Regex MarkdownImage();

    [GeneratedRegex("""<(?:\w+:)?(?:title|desc)\b[^>]*>\s*[^<\s]|aria-label\s*=\s*["'][^"']""")]
    private static partial Regex SvgText();
}
