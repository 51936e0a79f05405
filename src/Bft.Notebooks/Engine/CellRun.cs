using System.Diagnostics;
using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>What a running cell works with.</summary>
/// <param name="Languages">The languages.</param>
/// <param name="Libraries">Assemblies by name and path.</param>
/// <param name="Packages">Packages by name and version.</param>
/// <param name="Texts">Texts that cells have kept by name.</param>
/// <param name="Folder">The notebook's folder.</param>
internal sealed record CellTools(CellLanguages Languages, LibraryReferences Libraries, PackageReferences Packages, KeptTexts Texts, string Folder);

/// <summary>Runs one cell, or a file in its place, part by part; the first failure ends it.</summary>
internal sealed class CellRun(CellTools tools, ICellSink sink, CellOrigin origin, CancellationToken interrupt)
{
    private readonly ValueDirectives _values = new(tools.Languages, tools.Texts, sink);
    private bool _timed;

    /// <summary>Runs a cell that was typed, with the time it took when it asks for that.</summary>
    public async Task<CellError?> RunTimedAsync(string code, string language)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            return await RunAsync(code, language).ConfigureAwait(false);
        }
        catch (CellDirectiveException e)
        {
            return new CellError(CellError.Directive, e.Message, [$"{origin.Label}, line {e.Line}: {e.Message}"], e.Line);
        }
        finally
        {
            if (_timed)
                sink.Receive(new TimeOutput(watch.Elapsed));
        }
    }

    /// <exception cref="CellDirectiveException">A line that the engine reads is wrong.</exception>
    private async Task<CellError?> RunAsync(string code, string language)
    {
        var parts = CellSource.Split(code, language);
        var packages = parts.OfType<ReferencePart>().Where(part => PackageLine.IsPackage(part.Reference)).ToList();
        foreach (var source in parts.OfType<SourcePart>())
            tools.Packages.AddSource(PackageLine.SourceOf(source.Source));
        foreach (var part in parts)
        {
            interrupt.ThrowIfCancellationRequested();
            if (packages.Count > 0 && part == packages[0])
                await GetPackagesAsync(packages).ConfigureAwait(false);
            else if (await RunPartAsync(part).ConfigureAwait(false) is { } error)
                return error;
        }

        return null;
    }

    private async Task<CellError?> RunPartAsync(CellPart part)
    {
        switch (part)
        {
            case ReferencePart { Reference: var reference, Line: var line } when !PackageLine.IsPackage(reference):
                var library = tools.Libraries.Resolve(reference, line);
                if (library.Warning is not null)
                    Say(library.Warning);
                tools.Languages.Reference(library.Paths);
                return null;
            case CodePart { Language: CellLanguage.Markdown } when origin.IsFile:
                return null; // prose for the readers of that file
            case CodePart { Language: CellLanguage.Markdown } text:
                Show("text/markdown", text.Text);
                return null;
            case CodePart { Language: CellLanguage.Html } text:
                Show("text/html", text.Text);
                return null;
            case CodePart { Language: CellLanguage.JavaScript } text:
                Show("application/javascript", text.Text);
                return null;
            case CodePart { Language: Magics.Value } text:
                tools.Texts.Keep(text);
                return null;
            case CodePart code:
                return await tools.Languages.RunAsync(code, origin, sink).ConfigureAwait(false);
            case LoadPart load:
                return await RunFileAsync(load.File, load.Line, "#load").ConfigureAwait(false);
            case DirectivePart { Name: "import" } import:
                return await RunFileAsync(DirectiveArguments.Read(import, "--file", ["--file"]).Require("--file"), import.Line, "#!import").ConfigureAwait(false);
            case DirectivePart { Name: Magics.Value } value:
                await tools.Texts.BeginAsync(value, tools.Folder, interrupt).ConfigureAwait(false);
                return null;
            case DirectivePart { Name: "time" }:
                _timed = true;
                return null;
            case DirectivePart { Name: "lsmagic" }:
                Show("text/plain", string.Join('\n', Magics.All.Select(magic => $"{magic.Line}\n    {magic.Summary}")));
                return null;
            case DirectivePart { Name: "about" }:
                Show("text/plain", $"bft {typeof(CellRun).Assembly.GetName().Version!.ToString(3)}: C# 14 and F# {typeof(Microsoft.FSharp.Core.Unit).Assembly.GetName().Version!.ToString(2)} on {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}");
                return null;
            case DirectivePart directive:
                await _values.RunAsync(directive).ConfigureAwait(false);
                return null;
            default:
                return null; // sources and packages are done together
        }
    }

    private async Task GetPackagesAsync(IReadOnlyList<ReferencePart> lines)
    {
        var found = await tools.Packages.GetAsync(lines, interrupt).ConfigureAwait(false);
        foreach (var note in found.Notes)
            Say(note);
        tools.Languages.Reference(found.Paths);
        foreach (var problem in await PackageExtensions.LoadAsync(found.Folders, tools.Languages).ConfigureAwait(false))
            Say(problem);
    }

    // A file runs as its own cell would; its errors name its own lines, the cell's line is that of the directive.
    private async Task<CellError?> RunFileAsync(string path, int line, string directive)
    {
        var full = Path.GetFullPath(Path.Combine(tools.Folder, path));
        foreach (var piece in ImportedFile.Read(full, path, line, directive))
        {
            var run = new CellRun(tools with { Folder = Path.GetDirectoryName(full)! }, sink, new CellOrigin(piece.Name, piece.Name, origin.Number), interrupt);
            if (await run.RunTimedAsync(piece.Code, piece.Language).ConfigureAwait(false) is { } error)
                return error with { Line = line, Trace = [.. error.Trace, $"in {path}, from {origin.Label}, line {line}"] };
        }

        return null;
    }

    private void Show(string mimeType, string text)
    {
        var bundle = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal) { [mimeType] = JsonValue.Create(text)! };
        sink.Receive(new DisplayOutput(bundle, Guid.NewGuid().ToString("N")));
    }

    private void Say(string line) => sink.Receive(new StreamOutput(true, line + "\n"));
}
