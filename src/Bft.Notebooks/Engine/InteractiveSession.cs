using System.Diagnostics;
using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Bft.Notebooks.Engine;

/// <summary>A session on the .NET Interactive packages: C# kernel of the package, F# kernel of ours, one thread for all cells.</summary>
internal sealed class InteractiveSession : INotebookSession
{
    // Their properties (Tail of Tail of …) say less than their own text.
    private static readonly Type[] s_shownAsText = [typeof(FSharpList<>), typeof(FSharpOption<>), typeof(FSharpMap<,>), typeof(FSharpSet<>)];

    private readonly SessionOptions _options;
    private readonly CompositeKernel _root = new("notebook");
    private readonly CSharpCells _csharp;
    private readonly FSharpKernel _fsharp;
    private readonly CellThread _thread = new();
    private readonly LibraryReferences _libraries;
    private readonly CodeAssistant _assistant;
    private CellInterrupt? _interrupt;
    private ICellSink? _sink;
    private CellScope? _scope;
    private CellSurroundings? _surroundings;
    private int _busy;

    public InteractiveSession(SessionOptions options)
    {
        _options = options;
        StrayFailures.Begin();
        _csharp = new CSharpCells(CellLanguage.CSharp, options.WorkingFolder, () => _interrupt);
        _fsharp = new FSharpKernel(CellLanguage.FSharp, () => _interrupt);
        _libraries = new LibraryReferences(options.WorkingFolder);
        _assistant = new CodeAssistant(_csharp, _fsharp);
        foreach (var kernel in new Kernel[] { _csharp.Kernel, _fsharp })
        {
            kernel.UseValueSharing().UseWho();
            kernel.AddMiddleware(OnCellThreadAsync);
            _root.Add(kernel);
        }

        _root.DefaultKernelName = CellLanguage.CSharp;
        _root.SetDefaultTargetKernelNameForCommand(typeof(RequestInput), _root.Name);
        _root.RegisterCommandHandler<RequestInput>(AskAsync);
        foreach (var type in options.ShownAsText.Concat(s_shownAsText))
            ShowAsText(type);
    }

    /// <summary>Runs the first submission and adds the assemblies of the options.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var result = await _root.SendAsync(new SubmitCode(CSharpCells.Prelude, CellLanguage.CSharp), cancellationToken).ConfigureAwait(false);
        if (result.Events[^1] is CommandFailed failed)
            throw new InvalidOperationException($"The C# kernel does not start: {failed.Message}", failed.Exception);
        _csharp.Remember();
        Reference(HostAssemblies.Closure(typeof(Unit).Assembly.Location));
        foreach (var assembly in _options.Assemblies)
        {
            LibraryReferences.Initialise(assembly);
            Reference(HostAssemblies.Closure(assembly.Location));
        }

        foreach (var path in _options.References)
            Reference(_libraries.Resolve(path, 0).Paths);
    }

    public async Task<CellResult> SubmitAsync(CellRequest cell, ICellSink sink, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _busy, 1) == 1)
            throw new InvalidOperationException("A cell is running.");
        using var interrupt = new CellInterrupt(text => sink.Receive(new StreamOutput(true, text)), cancellationToken);
        using var scope = new CellScope(new LimitedSink(sink, _options.Limits), interrupt);
        try
        {
            (_interrupt, _sink, _scope, _surroundings) = (interrupt, sink, scope, new CellSurroundings(_options.WorkingFolder, sink));
            _csharp.Restore();
            var error = await RunAsync(cell, scope, interrupt).ConfigureAwait(false);
            if (StrayFailures.TakeFirst() is { } stray)
                error ??= CellFailure.FromStray(stray, cell.Number);
            _csharp.Remember();
            if (error is not null)
                sink.Receive(new ErrorOutput(error));
            return new CellResult(error);
        }
        finally
        {
            _surroundings?.Dispose();
            (_interrupt, _sink, _scope, _surroundings) = (null, null, null, null);
            Volatile.Write(ref _busy, 0);
        }
    }

    public void Interrupt()
    {
        try
        {
            _interrupt?.Ask();
        }
        catch (ObjectDisposedException)
        {
            // the cell has just ended by itself
        }
    }

    public Task<CodeCompletions> CompleteAsync(string code, int position, CancellationToken cancellationToken) =>
        _assistant.CompleteAsync(code, position, cancellationToken);

    public Task<IReadOnlyDictionary<string, JsonNode>?> InspectAsync(string code, int position, CancellationToken cancellationToken) =>
        _assistant.InspectAsync(code, position, cancellationToken);

    public Completeness Judge(string code) => CodeAssistant.Judge(code);

    public void Dispose()
    {
        _surroundings?.Dispose(); // a cell that cannot be stopped may still be running
        _root.Dispose();
        _thread.Dispose();
        StrayFailures.End();
    }

    private async Task<CellError?> RunAsync(CellRequest cell, ICellSink sink, CellInterrupt interrupt)
    {
        var watch = Stopwatch.StartNew();
        var timed = false;
        try
        {
            foreach (var part in CellSource.Split(cell.Code, Language(cell)))
            {
                timed |= part is DirectivePart { Name: "time" };
                if (await RunPartAsync(part, cell.Number, sink).ConfigureAwait(false) is { } error)
                    return interrupt.IsAsked ? new CellError(CellError.Interrupted, "The cell was interrupted.", ["The cell was interrupted."], null) : error;
            }

            return null;
        }
        catch (CellDirectiveException e)
        {
            return new CellError(CellError.Directive, e.Message, [$"cell {cell.Number}, line {e.Line}: {e.Message}"], e.Line);
        }
        finally
        {
            if (timed)
                sink.Receive(new TimeOutput(watch.Elapsed));
        }
    }

    private static string Language(CellRequest cell) =>
        cell.Language is null
            ? CellLanguage.CSharp
            : CellLanguage.TryParse(cell.Language, out var language)
                ? language
                : throw new CellDirectiveException(1, $"Unknown language '{cell.Language}'. Known: {string.Join(", ", CellLanguage.Names)}.");

    private async Task<CellError?> RunPartAsync(CellPart part, int number, ICellSink sink)
    {
        switch (part)
        {
            case ReferencePart reference:
                var library = _libraries.Resolve(reference.Reference, reference.Line);
                if (library.Warning is not null)
                    sink.Receive(new StreamOutput(true, library.Warning + "\n"));
                Reference(library.Paths);
                return null;
            case CodePart { Language: CellLanguage.Markdown } text:
                sink.Receive(new DisplayOutput(DisplayBundle.Text("text/markdown", text.Text), Guid.NewGuid().ToString("N")));
                return null;
            case CodePart { Language: CellLanguage.Html } text:
                sink.Receive(new DisplayOutput(DisplayBundle.Text("text/html", text.Text), Guid.NewGuid().ToString("N")));
                return null;
            case CodePart { Language: CellLanguage.FSharp } code:
                _fsharp.SourceName = CellFailure.SourceName(number) + ".fsx";
                return await SendAsync(new string('\n', code.Line - 1) + code.Text, code, lineOffset: 1).ConfigureAwait(false);
            case CodePart code:
                return await SendAsync(CSharpCells.Locate(code, CellFailure.SourceName(number)), code, lineOffset: code.Line - 1).ConfigureAwait(false);
            case DirectivePart { Name: "time" }:
                return null;
            case DirectivePart { Name: "share" } share:
                await ShareAsync(share).ConfigureAwait(false);
                return null;
            case DirectivePart directive:
                return await SendAsync($"#!{directive.Name} {directive.Arguments}", directive, lineOffset: directive.Line).ConfigureAwait(false);
            default:
                throw new UnreachableException($"{part.GetType()}");
        }

        async Task<CellError?> SendAsync(string code, CellPart from, int lineOffset)
        {
            var relay = new EventRelay(sink, number) { LineOffset = lineOffset };
            using var subscription = _root.KernelEvents.Subscribe(relay);
            var result = await _root.SendAsync(new SubmitCode(code, from.Language), CancellationToken.None).ConfigureAwait(false);
            return relay.Failure(result.Events[^1] as CommandFailed, from is DirectivePart ? from.Line : null, from is DirectivePart);
        }
    }

    private async Task ShareAsync(DirectivePart part)
    {
        var share = ShareDirective.Parse(part);
        var found = share.From == CellLanguage.FSharp ? _fsharp.TryGetValue(share.Name, out var value) : _csharp.Kernel.TryGetValue(share.Name, out value);
        if (!found)
            throw new CellDirectiveException(part.Line, $"#!share {part.Arguments}: {share.From} has no value named '{share.Name}'.");
        if (part.Language == CellLanguage.FSharp)
            _fsharp.SetValue(share.As, value);
        else
            await _csharp.SetValueAsync(share.As, value).ConfigureAwait(false);
    }

    private void Reference(IReadOnlyList<string> paths)
    {
        _csharp.Kernel.AddAssemblyReferences(paths);
        _fsharp.AddReferences(paths);
    }

    private async Task OnCellThreadAsync(KernelCommand command, KernelInvocationContext context, KernelPipelineContinuation next)
    {
        if (command is not SubmitCode)
        {
            await next(command, context).ConfigureAwait(false);
            return;
        }

        try
        {
            _scope?.Flow();
            using (new CellConsole())
                await _thread.RunAsync(() => next(command, context), _interrupt).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (_interrupt?.IsAsked == true)
        {
            context.Fail(command, e, "Interrupted");
        }
    }

    private Task AskAsync(RequestInput command, KernelInvocationContext context)
    {
        if (_sink?.Read(command.Prompt, command.IsPassword) is { } answer)
            context.Publish(new InputProduced(answer, command));
        else
            context.Fail(command, message: "This front end cannot ask for input.");
        return Task.CompletedTask;
    }

    private static void ShowAsText(Type type)
    {
        Formatter.Register(type, (value, writer) => writer.Write(value), PlainTextFormatter.MimeType);
        Formatter.SetPreferredMimeTypesFor(type, PlainTextFormatter.MimeType);
    }
}
