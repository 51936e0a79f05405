using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using FSharp.Compiler.Diagnostics;
using FSharp.Compiler.Interactive;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.DotNet.Interactive.ValueSharing;
using Microsoft.FSharp.Core;
using CodeSeverity = Microsoft.CodeAnalysis.DiagnosticSeverity;

namespace Bft.Notebooks.Engine;

/// <summary>F# cells: an FSI session of this process as a kernel beside the C# one.</summary>
/// <remarks>
/// The session starts with the first use, as <see cref="FSharpOpening"/> says.
/// </remarks>
internal sealed partial class FSharpKernel : Kernel,
    IKernelCommandHandler<SubmitCode>,
    IKernelCommandHandler<RequestValue>,
    IKernelCommandHandler<RequestValueInfos>,
    IKernelCommandHandler<SendValue>
{
    private const string Slot = "__shared";

    private readonly Lock _starting = new();
    private readonly HashSet<string> _references = [];
    private readonly Func<CellInterrupt?> _interrupt;
    private Shell.FsiEvaluationSession? _session;
    private bool _knowsHtml;

    public FSharpKernel(string name, Func<CellInterrupt?> interrupt) : base(name)
    {
        _interrupt = interrupt;
        KernelInfo.LanguageName = "F#";
        KernelInfo.DisplayName = $"{name} - F# Script";
        RegisterForDisposal(() => ((IDisposable?)_session)?.Dispose());
    }

    /// <summary>File name under which the next submission is compiled; it appears in stack traces.</summary>
    public string SourceName { get; set; } = "cell.fsx";

    private Shell.FsiEvaluationSession Session
    {
        get
        {
            lock (_starting)
                return _session ??= Start();
        }
    }

    /// <summary>Starts the session ahead of its first use, on another thread.</summary>
    public void Warm() => Task.Run(() => Session);

    /// <summary>Makes assemblies visible to later code.</summary>
    public void AddReferences(IEnumerable<string> paths)
    {
        lock (_starting)
        {
            var added = paths.Where(path => Path.GetFileName(path) != "FSharp.Core.dll" && _references.Add(path)).ToList();
            if (_session is not null && added.Count > 0)
                Require(string.Join('\n', added.Select(path => $"#r @\"{path}\"")));
        }
    }

    /// <summary>Finds a top-level value or function.</summary>
    public bool TryGetValue(string name, out object? value)
    {
        // A function is a method for the session, and a value only where it is named; an older value of its name would be found instead.
        if (Identifier().IsMatch(name)
            && Session.EvalExpressionNonThrowing(name).Item1 is FSharpChoice<FSharpOption<Shell.FsiValue>?, Exception>.Choice1Of2 { Item.Value: var found })
        {
            value = found.ReflectionValue;
            return true;
        }

        var bound = Session.TryFindBoundValue(name);
        value = bound?.Value.Value.ReflectionValue;
        return bound is not null;
    }

    /// <summary>Help for code that is being written; starts the session.</summary>
    public FSharpAssistant Assistant => new(Session);

    /// <summary>Defines a top-level value with its run-time type, or with the nearest type that F# can name, at last <c>obj</c>.</summary>
    public void SetValue(string name, object? value)
    {
        Session.AddBoundValue(Slot, new StrongBox<object?>(value));
        if (FSharpTypeName.Of(value) is not { } type || !TryRun($"let {name} : {type} = unbox {Slot}.Value"))
            Require($"let {name} : obj = {Slot}.Value");
    }

    /// <summary>The top-level values; none before the session has started.</summary>
    public IEnumerable<CellValue> Values() =>
        (_session?.GetBoundValues() ?? []).Where(bound => bound.Name is not ("it" or Slot)).Select(bound => new CellValue(bound.Name, bound.Value.ReflectionType, bound.Value.ReflectionValue));

    Task IKernelCommandHandler<SubmitCode>.HandleAsync(SubmitCode command, KernelInvocationContext context)
    {
        SynchronizationContext.SetSynchronizationContext(null); // FSI blocks this thread on tasks of its own
        if (!_knowsHtml && FSharpHtml.IsMentioned(command.Code))
            LoadHtml();
        var (outcome, diagnostics) = Evaluate(command.Code);
        if (diagnostics.Length > 0)
            context.Publish(new DiagnosticsProduced(
                [.. diagnostics.Select(Translate)],
                [.. diagnostics.Select(d => new FormattedValue(PlainTextFormatter.MimeType, d.Message))],
                command));
        switch (outcome)
        {
            case FSharpChoice<FSharpOption<Shell.FsiValue>, Exception>.Choice2Of2 failed:
                var isCompileError = diagnostics.Any(d => d.Severity.IsError);
                context.Fail(command, isCompileError ? null : failed.Item, isCompileError ? "compilation error" : failed.Item.Message);
                break;
            case FSharpChoice<FSharpOption<Shell.FsiValue>, Exception>.Choice1Of2 { Item: { } result } when result.Value.ReflectionType != typeof(Unit):
                var value = result.Value.ReflectionValue;
                context.Publish(new ReturnValueProduced(value, command, FormattedValue.CreateManyFromObject(value)));
                break;
        }

        return Task.CompletedTask;
    }

    Task IKernelCommandHandler<RequestValue>.HandleAsync(RequestValue command, KernelInvocationContext context)
    {
        if (TryGetValue(command.Name, out var value))
            context.Publish(new ValueProduced(value, command.Name, new FormattedValue(command.MimeType, value.ToDisplayString(command.MimeType)), command));
        else
            context.Fail(command, message: $"Value '{command.Name}' not found in kernel {Name}");
        return Task.CompletedTask;
    }

    Task IKernelCommandHandler<RequestValueInfos>.HandleAsync(RequestValueInfos command, KernelInvocationContext context)
    {
        var infos = Values()
            .Select(value => new KernelValueInfo(value.Name, FormattedValue.CreateSingleFromObject(value.Value, command.MimeType), value.Type))
            .ToArray();
        context.Publish(new ValueInfosProduced(infos, command));
        return Task.CompletedTask;
    }

    Task IKernelCommandHandler<SendValue>.HandleAsync(SendValue command, KernelInvocationContext context)
    {
        SetValue(command.Name, SharedValue.Of(command));
        return Task.CompletedTask;
    }

    private (FSharpChoice<FSharpOption<Shell.FsiValue>?, Exception> Outcome, FSharpDiagnostic[] Diagnostics) Evaluate(string code)
    {
        if (FSharpInterruptPoints.Of(code, SourceName, Session.InteractiveChecker) is { } checkedCode)
        {
            var (outcome, diagnostics) = Run(checkedCode);
            if (!diagnostics.Any(d => d.Severity.IsError))
                return (outcome, diagnostics);
        }

        return Run(code);
    }

    // FSI compiles and runs in one call; the load of what it compiled is where the code of the cell begins.
    private (FSharpChoice<FSharpOption<Shell.FsiValue>?, Exception> Outcome, FSharpDiagnostic[] Diagnostics) Run(string code)
    {
        var (interrupt, thread) = (_interrupt(), Thread.CurrentThread);
        AppDomain.CurrentDomain.AssemblyLoad += OnLoad;
        try
        {
            var (outcome, diagnostics) = Session.EvalInteractionNonThrowing(code, SourceName, FSharpOption<CancellationToken>.None);
            return (outcome, diagnostics);
        }
        finally
        {
            AppDomain.CurrentDomain.AssemblyLoad -= OnLoad;
            interrupt?.LeaveCode();
        }

        void OnLoad(object? sender, AssemblyLoadEventArgs loaded)
        {
            if (Thread.CurrentThread == thread && loaded.LoadedAssembly.GetName().Name?.StartsWith("FSI-ASSEMBLY", StringComparison.Ordinal) == true)
                interrupt?.EnterCode();
        }
    }

    private static Diagnostic Translate(FSharpDiagnostic d) => new(
        new LinePositionSpan(new LinePosition(d.StartLine - 1, d.StartColumn), new LinePosition(d.EndLine - 1, d.EndColumn)),
        d.Severity.IsError ? CodeSeverity.Error : d.Severity.IsWarning ? CodeSeverity.Warning : CodeSeverity.Info,
        $"FS{d.ErrorNumber:0000}",
        d.Message);

    private Shell.FsiEvaluationSession Start()
    {
        AddReferences([typeof(Cells.ShownValue).Assembly.Location, typeof(Kernel).Assembly.Location, typeof(Formatter).Assembly.Location, typeof(Microsoft.AspNetCore.Html.IHtmlContent).Assembly.Location]);
        string[] arguments = [.. FSharpOpening.Arguments, .. _references.Select(path => $"-r:{path}")];
        _session = Shell.FsiEvaluationSession.Create(
            Shell.FsiEvaluationSession.GetDefaultConfiguration(), arguments, TextReader.Null, TextWriter.Null, TextWriter.Null, FSharpOption<bool>.None, null);
        Require(FSharpOpening.Code);
        return _session;
    }

    private void LoadHtml()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("bft-").FullName, "Html.fs"); // a namespace is taken from files only
        try
        {
            File.WriteAllText(file, FSharpHtml.Source());
            Require($"#load @\"{file}\"");
            Require($"open {FSharpHtml.Namespace}");
            _knowsHtml = true;
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private bool TryRun(string code) =>
        Session.EvalInteractionNonThrowing(code, "host.fsx", FSharpOption<CancellationToken>.None).Item1.IsChoice1Of2;

    private void Require(string code)
    {
        var (outcome, diagnostics) = Session.EvalInteractionNonThrowing(code, "host.fsx", FSharpOption<CancellationToken>.None);
        if (outcome is FSharpChoice<FSharpOption<Shell.FsiValue>, Exception>.Choice2Of2 failed)
            throw new InvalidOperationException(string.Join('\n', [failed.Item.Message, .. diagnostics.Select(d => d.Message)]), failed.Item);
    }

    [GeneratedRegex(@"^[\p{L}_][\p{L}\p{N}_']*$")]
    private static partial Regex Identifier();
}
