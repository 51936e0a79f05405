using System.Text;
using FSharp.Compiler.CodeAnalysis;
using FSharp.Compiler.Syntax;
using FSharp.Compiler.Text;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Control;
using Microsoft.FSharp.Core;

namespace Bft.Notebooks.Engine;

/// <summary>F# code with a check for the interrupt in its loops and functions. Line directives keep the lines of the cell.</summary>
/// <remarks>
/// F# code hangs on columns, so a check goes on a line of its own before a body that begins one, or into parentheses around a body on one line; other
/// bodies stay as they are. Where a check does not fit (in a query, for instance) the code does not compile, and the caller takes it as it was written.
/// </remarks>
internal sealed class FSharpInterruptPoints
{
    private const string Check = "global.Bft.Notebooks.Cells.StopSignal.Check()";
    private readonly string[] _lines;
    private readonly SortedDictionary<int, string> _above = [];
    private readonly List<(int Line, int Column, bool Closes, string Text)> _within = [];

    private FSharpInterruptPoints(string[] lines) => _lines = lines;

    /// <summary>The code with checks; null when there is nothing to check, or the code cannot be cut at its lines.</summary>
    public static string? Of(string code, string sourceName, FSharpChecker checker)
    {
        var lines = code.Split('\n');
        if (lines.Any(line => line.StartsWith('#')))
            return null; // directives split the cell into parts that run one after the other
        var options = FSharpParsingOptions.Default;
        var parsing = new FSharpParsingOptions([sourceName], options.ApplyLineDirectives, options.ConditionalDefines, options.DiagnosticOptions, "latest", true,
            options.StrictIndentation, options.CompilingFSharpCore, options.IsExe);
        var parsed = FSharpAsync.RunSynchronously(
            checker.ParseFile(sourceName, SourceText.ofString(code), parsing, FSharpOption<bool>.None, FSharpOption<string>.None), FSharpOption<int>.None,
            FSharpOption<CancellationToken>.None);
        if (parsed.ParseHadErrors)
            return null;
        var points = new FSharpInterruptPoints(lines);
        ParsedInputModule.fold(
            FuncConvert.FromFunc<bool, FSharpList<SyntaxNode>, SyntaxNode, bool>((_, _, node) => points.Visit(node)), false, parsed.ParseTree);
        return points._above.Count + points._within.Count == 0 ? null : points.Write(sourceName);
    }

    private bool Visit(SyntaxNode node)
    {
        var body = node switch
        {
            SyntaxNode.SynExpr { Item: SynExpr.While loop } => loop.doExpr,
            SyntaxNode.SynExpr { Item: SynExpr.WhileBang loop } => loop.doExpr,
            SyntaxNode.SynExpr { Item: SynExpr.For loop } => loop.doBody,
            SyntaxNode.SynExpr { Item: SynExpr.ForEach { seqExprOnly.Item: false } loop } => loop.bodyExpr,
            SyntaxNode.SynExpr { Item: SynExpr.Lambda { fromMethod: false, body: not SynExpr.Lambda } lambda } => lambda.body,
            SyntaxNode.SynBinding { Item: { headPat: SynPat.LongIdent { argPats: SynArgPats.Pats { pats.IsEmpty: false } } } binding } => Unwrap(binding.expr),
            _ => null,
        };
        if (body is not null)
            Add(body.Range);
        return false;
    }

    private static SynExpr Unwrap(SynExpr body) => body is SynExpr.Typed typed ? typed.expr : body;

    private void Add(FSharp.Compiler.Text.Range body)
    {
        var line = _lines[body.StartLine - 1];
        var indent = line[..body.StartColumn];
        if (string.IsNullOrWhiteSpace(indent))
            _above[body.StartLine] = indent;
        else if (body.StartLine == body.EndLine)
        {
            _within.Add((body.StartLine, body.StartColumn, false, $"({Check}; "));
            _within.Add((body.EndLine, body.EndColumn, true, ")"));
        }
    }

    private string Write(string sourceName)
    {
        var changes = _within.GroupBy(change => change.Line).ToDictionary(group => group.Key);
        var text = new StringBuilder();
        for (var number = 1; number <= _lines.Length; number++)
        {
            if (_above.TryGetValue(number, out var indent))
                text.Append(indent).Append(Check).Append('\n').Append("# ").Append(number).Append(" \"").Append(sourceName).Append("\"\n");
            text.Append(changes.TryGetValue(number, out var within) ? Rewrite(_lines[number - 1], within) : _lines[number - 1]).Append('\n');
        }

        return text.ToString();
    }

    // From the end, so that columns stay; at one place what ends goes before what begins.
    private static string Rewrite(string line, IEnumerable<(int Line, int Column, bool Closes, string Text)> changes)
    {
        foreach (var (_, column, _, inserted) in changes.OrderByDescending(change => change.Column).ThenBy(change => change.Closes))
            line = line.Insert(column, inserted);
        return line;
    }
}
