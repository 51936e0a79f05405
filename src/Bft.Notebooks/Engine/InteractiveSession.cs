using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.FSharp.Core;

namespace Bft.Notebooks.Engine;

/// <summary>A session on the .NET Interactive packages: C# kernel of the package, F# kernel of ours, one thread for all cells.</summary>
internal sealed class InteractiveSession : INotebookSession
{
    private static readonly CellError s_interrupted = new(CellError.Interrupted, "The cell was interrupted.", ["The cell was interrupted."], null);

    private readonly SessionOptions _options;
    private readonly CompositeKernel _root = new("notebook");
    private readonly CSharpCells _csharp;
    private readonly FSharpKernel _fsharp;
    private readonly CellThread _thread = new();
    private readonly CellTools _tools;
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
        _tools = new CellTools(
            new CellLanguages(_root, _csharp, _fsharp), new LibraryReferences(options.WorkingFolder), new PackageReferences(options.WorkingFolder), new KeptTexts(), options.WorkingFolder);
        _assistant = new CodeAssistant(_csharp, _fsharp, options.DefaultLanguage);
        foreach (var kernel in new Kernel[] { _csharp.Kernel, _fsharp })
        {
            kernel.AddMiddleware(OnCellThreadAsync);
            _root.Add(kernel);
        }

        _root.DefaultKernelName = CellLanguage.CSharp;
        _root.SetDefaultTargetKernelNameForCommand(typeof(RequestInput), _root.Name);
        _root.RegisterCommandHandler<RequestInput>(AskAsync);
        TextForms.Add(options.ShownAsText);
        foreach (var (type, forms) in options.ShownBy)
            KnownForms.Add(type, forms);
    }

    /// <summary>Runs the first submission and adds the assemblies of the options.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_options.DefaultLanguage == CellLanguage.FSharp)
            _fsharp.Warm();
        var result = await _root.SendAsync(new SubmitCode(CSharpCells.Prelude, CellLanguage.CSharp), cancellationToken).ConfigureAwait(false);
        if (result.Events[^1] is CommandFailed failed)
            throw new InvalidOperationException($"The C# kernel does not start: {failed.Message}", failed.Exception);
        _csharp.Remember();
        _tools.Languages.Reference(HostAssemblies.Closure(typeof(Unit).Assembly.Location));
        foreach (var assembly in _options.Assemblies)
        {
            LibraryReferences.Initialise(assembly);
            _tools.Languages.Reference(HostAssemblies.Closure(assembly.Location));
        }

        foreach (var path in _options.References)
            _tools.Languages.Reference(_tools.Libraries.Resolve(path, 0).Paths);
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
            TextForms.Restore();
            var error = await RunAsync(cell, scope, interrupt).ConfigureAwait(false);
            if (StrayFailures.TakeFirst() is { } stray)
                error ??= CellFailure.FromStray(stray, cell.Number);
            _csharp.Remember();
            scope.End(error);
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

    public Completeness Judge(string code) => _assistant.Judge(code);

    public void Dispose()
    {
        _surroundings?.Dispose(); // a cell that cannot be stopped may still be running
        _root.Dispose();
        _thread.Dispose();
        _tools.Packages.Dispose();
        StrayFailures.End();
    }

    private async Task<CellError?> RunAsync(CellRequest cell, CellScope scope, CellInterrupt interrupt)
    {
        if (!CellLanguage.TryParse(cell.Language ?? _options.DefaultLanguage, out var language))
        {
            var message = $"Unknown language '{cell.Language}'; the nearest is '{NearestName.Of(cell.Language!, CellLanguage.Names)}'.";
            return new CellError(CellError.Directive, message, [message], 1);
        }

        if (BracketDepth.Problem(cell.Code) is { } deep)
            return new CellError(CellError.Compilation, deep.Message, [$"cell {cell.Number}, line {deep.Line}: {deep.Message}"], deep.Line);
        try
        {
            var error = await new CellRun(_tools, scope, CellOrigin.Cell(cell.Number), interrupt.Asked).RunTimedAsync(cell.Code, language).ConfigureAwait(false);
            return error is not null && interrupt.IsAsked ? s_interrupted : error;
        }
        catch (OperationCanceledException) when (interrupt.IsAsked)
        {
            return s_interrupted;
        }
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
}
