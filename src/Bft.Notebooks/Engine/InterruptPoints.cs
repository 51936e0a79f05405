using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bft.Notebooks.Engine;

/// <summary>C# code with a check for the interrupt in every loop and function, and its line before every statement of the cell. Lines stay; columns can be calculated back.</summary>
internal sealed class InterruptPoints
{
    private const string Check = " global::Bft.Notebooks.Cells.StopSignal.Check(); ";
    private const string Pass = " global::Bft.Notebooks.Cells.StopSignal.Pass ? (";
    private readonly List<(int At, string Text)> _found = [];
    private readonly List<(int At, string Text)> _insertions;
    private readonly bool _inLambdas;

    private InterruptPoints(SyntaxNode root, string code, bool inLambdas)
    {
        _inLambdas = inLambdas;
        foreach (var node in root.DescendantNodes())
            Visit(node);
        foreach (var member in ((CompilationUnitSyntax)root).Members)
            Mark(member);
        _insertions = [.. _found.OrderBy(insertion => insertion.At)];
        var (text, from) = (new StringBuilder(), 0);
        foreach (var (at, inserted) in _insertions)
        {
            text.Append(code, from, at - from).Append(inserted);
            from = at;
        }

        text.Append(code, from, code.Length - from);
        Code = text.ToString();
    }

    /// <summary>The code to compile.</summary>
    public string Code { get; }

    /// <summary>True when there are checks in lambdas that are an expression.</summary>
    public bool HasLambdas { get; private set; }

    /// <summary>Puts checks into code as it was written.</summary>
    /// <param name="code">The code of a cell.</param>
    /// <param name="options">How it is parsed.</param>
    /// <param name="inLambdas">
    /// Also into lambdas that are an expression, which a query over an endless sequence consists of. Where such a lambda returns nothing, or is an expression
    /// tree, the code does not compile then, and the caller takes it without.
    /// </param>
    public static InterruptPoints Of(string code, CSharpParseOptions options, bool inLambdas) => new(CSharpSyntaxTree.ParseText(code, options).GetRoot(), code, inLambdas);

    /// <summary>Position in the code as written of a position in the code to compile.</summary>
    public int Original(int position)
    {
        var shift = 0;
        foreach (var (at, text) in _insertions)
        {
            if (at + shift >= position)
                break;
            shift += Math.Min(text.Length, position - (at + shift));
        }

        return position - shift;
    }

    private void Visit(SyntaxNode node)
    {
        switch (node)
        {
            case WhileStatementSyntax loop:
                Body(loop.Statement);
                break;
            case DoStatementSyntax loop:
                Body(loop.Statement);
                break;
            case ForStatementSyntax loop:
                Body(loop.Statement);
                break;
            case CommonForEachStatementSyntax loop:
                Body(loop.Statement);
                break;
            case LabeledStatementSyntax { ColonToken.IsMissing: false } label:
                Insert(label.ColonToken.Span.End, Check);
                break;
            case MethodDeclarationSyntax method:
                Function(method.Body, method.ExpressionBody, method.ReturnType, method.Modifiers);
                break;
            case LocalFunctionStatementSyntax function:
                Function(function.Body, function.ExpressionBody, function.ReturnType, function.Modifiers);
                break;
            case AnonymousFunctionExpressionSyntax { Block: { } block }:
                Body(block);
                break;
            case LambdaExpressionSyntax { ExpressionBody: { IsMissing: false } value, AsyncKeyword.RawKind: 0 } when _inLambdas && HasValue(value):
                HasLambdas = true;
                Value(value);
                break;
        }
    }

    private void Mark(MemberDeclarationSyntax member)
    {
        var place = member.GetLocation().GetMappedLineSpan();
        if (member is GlobalStatementSyntax or FieldDeclarationSyntax && member.Span.Length > 0 && CellFailure.IsCell(place.Path))
            Insert(member.SpanStart, FormattableString.Invariant($" global::Bft.Notebooks.Cells.StopSignal.At({place.StartLinePosition.Line + 1}); "));
    }

    // What is written for its effect mostly stands where nothing is returned.
    private static bool HasValue(ExpressionSyntax value) =>
        value is not (ThrowExpressionSyntax or RefExpressionSyntax or AssignmentExpressionSyntax or PostfixUnaryExpressionSyntax
            or PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression });

    private void Function(BlockSyntax? body, ArrowExpressionClauseSyntax? arrow, TypeSyntax type, SyntaxTokenList modifiers)
    {
        if (body is not null)
            Body(body);
        else if (arrow is { Expression: { IsMissing: false } and not (ThrowExpressionSyntax or RefExpressionSyntax) and var value }
            && !modifiers.Any(SyntaxKind.AsyncKeyword) && type is not (RefTypeSyntax or PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword }))
        {
            Value(value);
        }
    }

    private void Value(ExpressionSyntax value)
    {
        Insert(value.SpanStart, Pass);
        Insert(value.Span.End, ") : throw null");
    }

    private void Body(StatementSyntax statement)
    {
        if (statement is BlockSyntax block)
        {
            if (!block.OpenBraceToken.IsMissing)
                Insert(block.OpenBraceToken.Span.End, Check);
        }
        else if (!statement.IsMissing && statement.Span.Length > 0)
        {
            Insert(statement.SpanStart, "{" + Check);
            Insert(statement.Span.End, " }");
        }
    }

    private void Insert(int at, string text) => _found.Add((at, text));
}
