using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.DotNet.Interactive.Formatting;

namespace Bft.Notebooks.Engine;

/// <summary>Turns formatted values into a MIME bundle.</summary>
internal static partial class DisplayBundle
{
    private const string Plain = "text/plain";
    private const string Html = "text/html";
    private const int LongestFallback = 4000;

    /// <summary>Formats a value.</summary>
    /// <param name="value">The shown object.</param>
    /// <param name="mimeTypes">The formats wanted; none for those that its type prefers.</param>
    /// <param name="complain">As in <see cref="Create"/>.</param>
    public static IReadOnlyDictionary<string, JsonNode> Of(object? value, string[] mimeTypes, Action<string> complain) =>
        value is FormattedValue formatted ? Create(value, [formatted], complain)
        : mimeTypes.Length > 0 && KnownForms.Of(value, complain) is { } forms ? Create(null, Entries(forms).Where(form => mimeTypes.Contains(form.MimeType)), complain)
        : Create(value, FormattedValue.CreateManyFromObject(value, mimeTypes), complain);

    /// <summary>JSON types become JSON values, line ends are <c>\n</c>, the style sheet that the formatter repeats is dropped, plain text is always there.</summary>
    /// <param name="value">The shown object.</param>
    /// <param name="formatted">What the formatters wrote.</param>
    /// <param name="complain">Told about a formatter whose JSON is not JSON; that entry is left out.</param>
    public static IReadOnlyDictionary<string, JsonNode> Create(object? value, IEnumerable<FormattedValue> formatted, Action<string> complain)
    {
        var bundle = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var entry in KnownForms.Of(value, complain) is { } forms ? Entries(forms) : formatted)
        {
            if (!IsJson(entry.MimeType))
                bundle[entry.MimeType] = JsonValue.Create(Clean(entry))!;
            else if (TryParse(entry.Value, out var node))
                bundle[entry.MimeType] = node;
            else
                complain($"The formatter of {value?.GetType().FullName} for {entry.MimeType} did not write JSON.\n");
        }

        if (bundle.Count == 1 && bundle.TryGetValue(Html, out var html) && (value is null ? html.GetValue<string>().Contains("&lt;null&gt;", StringComparison.Ordinal) : IsScalar(value)))
            bundle.Clear();
        if (!bundle.ContainsKey(Plain))
            bundle[Plain] = JsonValue.Create(Shorten(PlainText(value, bundle)))!;
        return bundle;
    }

    private static IEnumerable<FormattedValue> Entries(IReadOnlyDictionary<string, string> forms) => forms.Select(form => new FormattedValue(form.Key, form.Value));

    /// <summary>A bundle of one text.</summary>
    public static IReadOnlyDictionary<string, JsonNode> Text(string mimeType, string text) =>
        new SortedDictionary<string, JsonNode>(StringComparer.Ordinal) { [mimeType] = JsonValue.Create(text)! };

    /// <summary>True for MIME types whose content is a JSON value in a notebook.</summary>
    public static bool IsJson(string mimeType) =>
        mimeType == "application/json" || (mimeType.StartsWith("application/", StringComparison.Ordinal) && mimeType.EndsWith("+json", StringComparison.Ordinal));

    // A bundle without an object (a script's, a formatted value's) says what it holds.
    private static string PlainText(object? value, SortedDictionary<string, JsonNode> bundle) =>
        value is null or FormattedValue && bundle.Count > 0
            ? string.Join(", ", bundle.Keys)
            : value.ToDisplayString(Plain).ReplaceLineEndings("\n");

    private static bool IsScalar(object? value) =>
        value is null or string or decimal or Guid or DateTime or DateTimeOffset or DateOnly or TimeOnly or TimeSpan or Enum
        || value.GetType().IsPrimitive;

    private static bool TryParse(string text, out JsonNode node)
    {
        try
        {
            node = JsonNode.Parse(text)!;
            return node is not null;
        }
        catch (JsonException)
        {
            node = null!;
            return false;
        }
    }

    private static string Clean(FormattedValue entry)
    {
        var text = entry.Value.ReplaceLineEndings("\n");
        return entry.MimeType == Html ? EngineStyle().Replace(text, "") : text;
    }

    private static string Shorten(string text) => text.Length <= LongestFallback ? text : string.Concat(text.AsSpan(0, LongestFallback), "…");

    [GeneratedRegex(@"<style>[^<]*\.dni-[^<]*</style>")]
    private static partial Regex EngineStyle();
}
