using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Text;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;
using CellDiagnostic = Microsoft.DotNet.Interactive.Diagnostic;
using CellPosition = Microsoft.DotNet.Interactive.LinePosition;
using CellSpan = Microsoft.DotNet.Interactive.LinePositionSpan;

namespace Bft.Notebooks.Engine;

/// <summary>The C# kernel with cells of ours: compiled and run apart, with checks for the interrupt, lines in stack traces, values of any type.</summary>
/// <remarks>
/// Private members of <see cref="CSharpKernel"/> are reached by reflection (<see cref="CSharpInternals"/>). Its workspace, which completion and hover use,
/// learns of the cells when it is asked and not after every cell; that is what makes small cells quick.
/// </remarks>
internal sealed class CSharpCells
{
    // The package's own display keeps what it shows until the cell has ended, and its handle is another than the one it shows; hence these.
    public const string Prelude = """
        using static Microsoft.DotNet.Interactive.Kernel;
        using Microsoft.DotNet.Interactive.Formatting;
        using Bft.Notebooks.Cells;
        public static Bft.Notebooks.Cells.ShownValue display(object value, params string[] mimeTypes) => Bft.Notebooks.Cells.ShownValue.Show(value, mimeTypes);
        public static Bft.Notebooks.Cells.ShownValue Display(this object value, params string[] mimeTypes) => Bft.Notebooks.Cells.ShownValue.Show(value, mimeTypes);
        """;

    private static readonly CSharpParseOptions s_parsing = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);
    private readonly Func<CellInterrupt?> _interrupt;
    private readonly CSharpInternals _internals;
    private readonly Queue<ScriptState> _unknownToWorkspace = [];
    private ScriptState? _lastState;

    /// <param name="name">Name of the kernel.</param>
    /// <param name="folder">Where relative paths of <c>#load</c> begin.</param>
    /// <param name="interrupt">The interrupt of the running cell.</param>
    public CSharpCells(string name, string folder, Func<CellInterrupt?> interrupt)
    {
        _interrupt = interrupt;
        Kernel = new CSharpKernel(name);
        _internals = new CSharpInternals(Kernel);
        Kernel.RegisterCommandHandler<SubmitCode>(SubmitAsync);
        Kernel.RegisterCommandHandler<SendValue>((command, _) => SetValueAsync(command.Name, SharedValue.Of(command)));
        Kernel.AddAssemblyReferences([.. HostAssemblies.Framework, typeof(Cells.ShownValue).Assembly.Location]);
        // What the package names without a file is looked up and read anew for every cell; all of it is in the framework's list.
        _internals.Options = _internals.Options
            .WithReferences(_internals.Options.MetadataReferences.Where(reference => reference is not UnresolvedMetadataReference))
            .WithEmitDebugInformation(true).WithFileEncoding(Encoding.UTF8).WithSourceResolver(new SourceFileResolver([], folder));
    }

    public CSharpKernel Kernel { get; }

    /// <summary>The code with a first line that maps lines and file name to those of the cell.</summary>
    public static string Locate(CodePart part, string sourceName) => $"#line {part.Line} \"{sourceName}\"\n{part.Text}";

    /// <summary>Puts the state of the last cell back if code of an interrupted cell has replaced it since.</summary>
    public void Restore()
    {
        if (_lastState is not null && !ReferenceEquals(_lastState, Kernel.ScriptState))
            _internals.State = _lastState;
    }

    /// <summary>Remembers the state that the ended cell left.</summary>
    public void Remember() => _lastState = Kernel.ScriptState;

    /// <summary>Lets completion and hover know the cells that have run.</summary>
    public async Task InformWorkspaceAsync()
    {
        while (_unknownToWorkspace.TryDequeue(out var state))
            await _internals.UpdateWorkspaceAsync(state).ConfigureAwait(false);
    }

    /// <summary>Defines a variable with the most derived type that C# can name; <c>dynamic</c> for types of another language's cells.</summary>
    public async Task SetValueAsync(string name, object? value)
    {
        if (!await DeclareAsync(ScriptTypeName.Of(value), name).ConfigureAwait(false) && !await DeclareAsync("dynamic", name).ConfigureAwait(false))
            throw new ArgumentException($"'{name}' cannot be a C# variable.", nameof(name));
        Kernel.ScriptState.GetVariable(name).Value = value;
    }

    /// <summary>The variables, each once with its last value.</summary>
    public IEnumerable<CellValue> Values() =>
        Kernel.ScriptState.Variables.GroupBy(variable => variable.Name).Select(same => same.Last()).Select(variable => new CellValue(variable.Name, variable.Type, variable.Value));

    private async Task<bool> DeclareAsync(string type, string name)
    {
        try
        {
            Accept(await Kernel.ScriptState.ContinueWithAsync($"{type} {name} = default;", _internals.Options).ConfigureAwait(false));
            return true;
        }
        catch (CompilationErrorException)
        {
            return false;
        }
    }

    private void Accept(ScriptState state)
    {
        _internals.State = state;
        if (state.Exception is null)
            _unknownToWorkspace.Enqueue(state);
    }

    private async Task SubmitAsync(SubmitCode command, KernelInvocationContext context)
    {
        var interrupt = _interrupt();
        var (script, points, diagnostics) = Compile(command.Code, interrupt?.Asked ?? CancellationToken.None);
        Publish(diagnostics, command, context, points);
        if (diagnostics.Any(d => d.Severity == DiagnosticSeverity.Error))
        {
            context.Fail(command, message: "compilation error");
            return;
        }

        interrupt?.Asked.ThrowIfCancellationRequested();
        interrupt?.EnterCode();
        var state = await RunAsync(script); // returns to the cell's thread
        interrupt?.LeaveCode();
        Accept(state);
        if (state.Exception is { } exception)
            context.Fail(command, exception, exception.Message);
        else if (CSharpInternals.HasReturnValue(script))
            context.Publish(new ReturnValueProduced(state.ReturnValue, command, Format(state.ReturnValue)));
    }

    private (Script<object> Script, InterruptPoints Points, ImmutableArray<Microsoft.CodeAnalysis.Diagnostic> Diagnostics) Compile(string code, CancellationToken stop)
    {
        var compiled = Compile(InterruptPoints.Of(code, s_parsing, inLambdas: true), stop);
        return compiled.Points.HasLambdas && compiled.Diagnostics.Any(d => d.Severity == DiagnosticSeverity.Error)
            ? Compile(InterruptPoints.Of(code, s_parsing, inLambdas: false), stop)
            : compiled;
    }

    private (Script<object> Script, InterruptPoints Points, ImmutableArray<Microsoft.CodeAnalysis.Diagnostic> Diagnostics) Compile(InterruptPoints points, CancellationToken stop)
    {
        var script = Kernel.ScriptState is { } before
            ? before.Script.ContinueWith<object>(points.Code, _internals.Options)
            : CSharpScript.Create<object>(points.Code, _internals.Options);
        return (script, points, script.Compile(stop));
    }

    private Task<ScriptState<object>> RunAsync(Script<object> script) =>
        Kernel.ScriptState is { } before
            ? script.RunFromAsync(before, _ => true, CancellationToken.None)
            : script.RunAsync(null, _ => true, CancellationToken.None);

    private static IReadOnlyList<FormattedValue> Format(object? value) => value switch
    {
        FormattedValue one => [one],
        IEnumerable<FormattedValue> many => [.. many],
        _ => FormattedValue.CreateManyFromObject(value),
    };

    private static void Publish(ImmutableArray<Microsoft.CodeAnalysis.Diagnostic> diagnostics, SubmitCode command, KernelInvocationContext context, InterruptPoints points)
    {
        if (diagnostics.IsEmpty)
            return;
        var written = SourceText.From(command.Code);
        CellDiagnostic[] translated = [.. diagnostics.Select(d => new CellDiagnostic(Span(d), d.Severity, d.Id, d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)))];
        context.Publish(new DiagnosticsProduced(
            translated, [.. translated.Select(d => new FormattedValue(PlainTextFormatter.MimeType, d.Message))], command));

        CellSpan Span(Microsoft.CodeAnalysis.Diagnostic d) =>
            d.Location.IsInSource
                ? new CellSpan(Position(points.Original(d.Location.SourceSpan.Start)), Position(points.Original(d.Location.SourceSpan.End)))
                : new CellSpan(new(0, 0), new(0, 0));

        CellPosition Position(int at)
        {
            var place = written.Lines.GetLinePosition(Math.Clamp(at, 0, written.Length));
            return new(place.Line, place.Character);
        }
    }
}
