using Bft.Notebooks.Sessions;
using Microsoft.CodeAnalysis;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;
using CellDiagnostic = Microsoft.DotNet.Interactive.Diagnostic;

namespace Bft.Notebooks.Engine;

/// <summary>Turns the events of one cell into outputs and its failure into a <see cref="CellError"/>.</summary>
internal sealed class EventRelay(ICellSink sink, CellOrigin origin) : IObserver<KernelEvent>
{
    private static readonly string[] s_silenced = ["CS1701", "CS1702"]; // one assembly in several versions: unified at run time
    private readonly List<string> _compileErrors = [];
    private CellDiagnostic? _firstError;
    private Exception? _exception;
    private string? _message;

    /// <summary>Added to the zero-based line of a compiler message to give the line in the cell.</summary>
    public int LineOffset { get; set; } = 1;

    /// <summary>What made the code that just ended fail; null when it succeeded.</summary>
    /// <param name="failed">Its final event, when that was a failure.</param>
    public CellError? Failure(CommandFailed? failed)
    {
        if (_firstError is not null)
            return new CellError(
                CellError.Compilation, $"{_firstError.Code}: {_firstError.Message}", _compileErrors, _firstError.LinePositionSpan.Start.Line + LineOffset);
        if ((failed?.Exception ?? _exception) is { } exception)
            return CellFailure.FromException(exception, origin.Number);
        return (failed?.Message ?? _message) is { } message ? new CellError(CellError.Directive, message, [message], null) : null;
    }

    public void OnNext(KernelEvent value)
    {
        switch (value)
        {
            case StandardOutputValueProduced output:
                sink.Receive(new StreamOutput(false, Text(output)));
                break;
            case StandardErrorValueProduced output:
                sink.Receive(new StreamOutput(true, Text(output)));
                break;
            case DisplayedValueProduced shown:
                sink.Receive(new DisplayOutput(Bundle(shown), shown.ValueId ?? Guid.NewGuid().ToString("N"))); // scripts and styles of the package have none
                break;
            case DisplayedValueUpdated updated:
                sink.Receive(new UpdateOutput(Bundle(updated), updated.ValueId));
                break;
            case ReturnValueProduced { Value: not DisplayedValue } result:
                sink.Receive(new ResultOutput(Bundle(result)));
                break;
            case DiagnosticsProduced { Command: SubmitCode } produced:
                Report(produced.Diagnostics);
                break;
            case ErrorProduced error:
                _message ??= error.Message;
                break;
            case CommandFailed { Exception: { } exception }:
                _exception ??= exception;
                break;
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private static string Text(DisplayEvent output) => string.Concat(output.FormattedValues.Select(value => value.Value)).ReplaceLineEndings("\n");

    private IReadOnlyDictionary<string, System.Text.Json.Nodes.JsonNode> Bundle(DisplayEvent shown) =>
        DisplayBundle.Create(shown.Value, shown.FormattedValues, complaint => sink.Receive(new StreamOutput(true, complaint)));

    private void Report(IEnumerable<CellDiagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning && !s_silenced.Contains(d.Code)))
        {
            var start = diagnostic.LinePositionSpan.Start;
            var isError = diagnostic.Severity == DiagnosticSeverity.Error;
            var text = $"{origin.Label} ({start.Line + LineOffset},{start.Character + 1}): {(isError ? "error" : "warning")} {diagnostic.Code}: {diagnostic.Message}";
            if (isError)
            {
                _firstError ??= diagnostic;
                _compileErrors.Add(text);
            }
            else
            {
                sink.Receive(new StreamOutput(true, text + "\n"));
            }
        }
    }
}
