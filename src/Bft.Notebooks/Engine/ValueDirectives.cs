using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Formatting;

namespace Bft.Notebooks.Engine;

/// <summary>The <c>#!</c> lines about values: share, set, who, whos.</summary>
internal sealed class ValueDirectives(CellLanguages languages, KeptTexts texts, ICellSink sink)
{
    private const int LongestText = 80;

    /// <exception cref="CellDirectiveException">An argument is wrong, or there is no such value.</exception>
    public Task RunAsync(DirectivePart part)
    {
        switch (part.Name)
        {
            case "share":
                return ShareAsync(part);
            case "set":
                return SetAsync(part);
            case "who":
                Show("text/plain", string.Join('\n', Values(part).Select(value => value.Name)));
                return Task.CompletedTask;
            case "whos":
                ShowTable(Values(part));
                return Task.CompletedTask;
            default:
                throw new UnreachableException(part.Name);
        }
    }

    private IReadOnlyList<CellValue> Values(DirectivePart part) => languages.Values(Target(part));

    private static string Target(DirectivePart part) =>
        part.Language is CellLanguage.CSharp or CellLanguage.FSharp
            ? part.Language
            : throw new CellDirectiveException(part.Line, $"#!{part.Name}: {part.Language} has no values.");

    private Task ShareAsync(DirectivePart part)
    {
        var arguments = DirectiveArguments.Read(part, "--name", ["--from", "--name", "--as", "--mime-type"]);
        var name = arguments.Require("--name");
        var value = Find(arguments, arguments.Require("--from"), name);
        var mimeType = arguments.Get("--mime-type", "");
        return languages.SetValueAsync(Target(part), arguments.Get("--as", name), mimeType.Length == 0 ? value : Copy(value, mimeType));
    }

    private Task SetAsync(DirectivePart part)
    {
        var arguments = DirectiveArguments.Read(part, null, ["--name", "--value", "--mime-type"], "--byref");
        var text = arguments.Require("--value");
        object? value = text;
        if (text.StartsWith('@'))
        {
            var (kind, rest) = text[1..].Split(':', 2) is [var source, var what] ? (source, what) : (text[1..], "");
            value = kind switch
            {
                "input" => Ask(arguments, rest, secret: false),
                "password" => new PasswordString(Ask(arguments, rest, secret: true)),
                _ when arguments.Has("--byref") => Find(arguments, kind, rest),
                _ => Copy(Find(arguments, kind, rest), arguments.Get("--mime-type", JsonFormatter.MimeType)),
            };
        }

        return languages.SetValueAsync(Target(part), arguments.Require("--name"), value);
    }

    private object? Find(DirectiveArguments arguments, string source, string name)
    {
        if (source == Magics.Value)
            return texts.TryGet(name, out var text) ? text : throw arguments.Wrong($"no text is kept as '{name}'{Nearest(texts.Names.ToList())}");
        if (!CellLanguage.TryParse(source, out var language) || language is not (CellLanguage.CSharp or CellLanguage.FSharp))
            throw arguments.Wrong($"'{source}' is not a language with values");
        if (languages.TryGetValue(language, name, out var value))
            return value;
        throw arguments.Wrong($"{language} has no value named '{name}'{Nearest(languages.Values(language).Select(known => known.Name).ToList())}");

        string Nearest(List<string> names) => names.Count > 0 ? $"; the nearest is '{NearestName.Of(name, names)}'" : "";
    }

    private string Ask(DirectiveArguments arguments, string prompt, bool secret) =>
        sink.Read(Prompt(prompt), secret) ?? throw arguments.Wrong("this front end cannot ask for input");

    // Either the prompt, or an object with the prompt in it.
    private static string Prompt(string text)
    {
        try
        {
            return text.StartsWith('{') ? JsonNode.Parse(text)?["prompt"]?.GetValue<string>() ?? "" : text;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return text;
        }
    }

    private static object? Copy(object? value, string mimeType) => SharedValue.Of(mimeType, value.ToDisplayString(mimeType));

    private void ShowTable(IReadOnlyList<CellValue> values)
    {
        var rows = values.Select(value => (value.Name, Type: value.Type.ToDisplayString(PlainTextFormatter.MimeType), Text: Text(value.Value))).ToList();
        var html = new StringBuilder("<table><thead><tr><th>Name</th><th>Type</th><th>Value</th></tr></thead><tbody>");
        foreach (var (name, type, text) in rows)
            html.Append("<tr><td>").Append(WebUtility.HtmlEncode(name)).Append("</td><td>").Append(WebUtility.HtmlEncode(type)).Append("</td><td>").Append(WebUtility.HtmlEncode(text)).Append("</td></tr>");
        html.Append("</tbody></table>");
        var (first, second) = (rows.Select(row => row.Name.Length).DefaultIfEmpty().Max(), rows.Select(row => row.Type.Length).DefaultIfEmpty().Max());
        Show("text/html", html.ToString(), string.Join('\n', rows.Select(row => $"{row.Name.PadRight(first)}  {row.Type.PadRight(second)}  {row.Text}")));
    }

    private static string Text(object? value)
    {
        var text = value.ToDisplayString(PlainTextFormatter.MimeType).ReplaceLineEndings(" ").Trim();
        return text.Length <= LongestText ? text : text[..LongestText] + "…";
    }

    private void Show(string mimeType, string text, string? plain = null)
    {
        var bundle = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal) { [mimeType] = JsonValue.Create(text)! };
        if (plain is not null)
            bundle["text/plain"] = JsonValue.Create(plain)!;
        sink.Receive(new DisplayOutput(bundle, Guid.NewGuid().ToString("N")));
    }
}
