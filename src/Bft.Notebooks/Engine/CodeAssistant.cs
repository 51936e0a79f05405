using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace Bft.Notebooks.Engine;

/// <summary>Help while a cell is written, in the language that the place is in.</summary>
internal sealed class CodeAssistant(CSharpCells csharp, FSharpKernel fsharp, string defaultLanguage)
{
    private static readonly CSharpParseOptions s_script = CSharpParseOptions.Default.WithKind(SourceCodeKind.Script).WithLanguageVersion(LanguageVersion.Latest);

    public Completeness Judge(string code)
    {
        try
        {
            return CellSource.Split(code, defaultLanguage).OfType<CodePart>().LastOrDefault() switch
            {
                { Language: CellLanguage.CSharp } last => JudgeCSharp(last.Text),
                { Language: CellLanguage.FSharp } last => fsharp.Assistant.IsComplete(last.Text + (code.EndsWith('\n') ? "\n" : "")) switch
                {
                    true => Completeness.Complete,
                    false => Completeness.Invalid,
                    null => Completeness.Incomplete,
                },
                _ => Completeness.Complete,
            };
        }
        catch (CellDirectiveException)
        {
            return Completeness.Invalid;
        }
    }

    public async Task<CodeCompletions> CompleteAsync(string code, int position, CancellationToken cancellationToken)
    {
        var start = position;
        while (start > 0 && IsName(code[start - 1]))
            start--;
        var items = Find(code, position) switch
        {
            { Language: CellLanguage.CSharp } place => await CSharpAsync(place, cancellationToken).ConfigureAwait(false),
            { Language: CellLanguage.FSharp } place => fsharp.Assistant.Complete(place.Text, place.Cursor.Line, place.Cursor.Character),
            _ => [],
        };
        var written = code[start..position];
        return new CodeCompletions(start, position,
            [.. items.Where(item => item.StartsWith(written, StringComparison.OrdinalIgnoreCase)).Distinct().Order(StringComparer.OrdinalIgnoreCase)]);
    }

    public async Task<IReadOnlyDictionary<string, JsonNode>?> InspectAsync(string code, int position, CancellationToken cancellationToken)
    {
        if (position > 0 && (position == code.Length || !IsName(code[position])) && IsName(code[position - 1]))
            position--; // the cursor is behind the name
        if (Find(code, position) is not { } place)
            return null;
        if (place.Language == CellLanguage.FSharp)
            return fsharp.Assistant.Describe(place.Text, place.Cursor.Line, place.Cursor.Character) is { } text ? DisplayBundle.Text(PlainTextFormatter.MimeType, text) : null;
        if (place.Language != CellLanguage.CSharp)
            return null;
        await csharp.InformWorkspaceAsync().ConfigureAwait(false);
        var result = await csharp.Kernel.SendAsync(new RequestHoverText(place.Text, place.Cursor), cancellationToken).ConfigureAwait(false);
        var content = result.Events.OfType<HoverTextProduced>().SelectMany(hover => hover.Content).ToList();
        if (content.Count == 0)
            return null;
        var bundle = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var value in content)
            bundle[value.MimeType] = JsonValue.Create(value.Value)!;
        bundle.TryAdd(PlainTextFormatter.MimeType, JsonValue.Create(content[0].Value)!);
        return bundle;
    }

    private async Task<IEnumerable<string>> CSharpAsync(Place place, CancellationToken cancellationToken)
    {
        await csharp.InformWorkspaceAsync().ConfigureAwait(false);
        var result = await csharp.Kernel.SendAsync(new RequestCompletions(place.Text, place.Cursor), cancellationToken).ConfigureAwait(false);
        return result.Events.OfType<CompletionsProduced>().SelectMany(produced => produced.Completions)
            .Select(item => NameOf(item.DisplayText));
    }

    // The part of the cell that the position is in; null on a #! line and where the cell cannot be cut into parts.
    private Place? Find(string code, int position)
    {
        var before = code[..position].ReplaceLineEndings("\n");
        var line = before.Count(c => c == '\n');
        var column = before.Length - (before.LastIndexOf('\n') + 1);
        try
        {
            if (CellSource.Split(code, defaultLanguage).OfType<CodePart>().LastOrDefault(part => part.Line <= line + 1) is not { } part)
                return null;
            var lines = part.Text.Split('\n').ToList();
            var row = line - (part.Line - 1);
            return row < lines.Count && column <= lines[row].Length ? new Place(part.Language, part.Text, new LinePosition(row, column)) : null;
        }
        catch (CellDirectiveException)
        {
            return null;
        }
    }

    private static Completeness JudgeCSharp(string code)
    {
        var tree = CSharpSyntaxTree.ParseText(code, s_script);
        if (!SyntaxFactory.IsCompleteSubmission(tree))
            return Completeness.Incomplete;
        return tree.GetDiagnostics().Any(d => d.Severity == DiagnosticSeverity.Error) ? Completeness.Invalid : Completeness.Complete;
    }

    // The package's texts to insert are snippets, such as Add($1); its texts to show name type parameters.
    private static string NameOf(string shown) => shown.Split('<', '(')[0];

    private static bool IsName(char c) => char.IsLetterOrDigit(c) || c == '_';

    private sealed record Place(string Language, string Text, LinePosition Cursor);
}
