namespace Bft.Research.Tokenization;

/// <summary>A statement.</summary>
/// <param name="Line">Line of the template.</param>
internal abstract record JinjaStatement(int Line);

internal sealed record TextStatement(string Text, int Line) : JinjaStatement(Line);

internal sealed record PrintStatement(JinjaExpression Value, int Line) : JinjaStatement(Line);

/// <summary>One <c>if</c> with its <c>elif</c>s and <c>else</c>.</summary>
internal sealed record IfStatement(IReadOnlyList<(JinjaExpression Test, IReadOnlyList<JinjaStatement> Body)> Branches, IReadOnlyList<JinjaStatement> Else, int Line)
    : JinjaStatement(Line);

internal sealed record ForStatement(
    JinjaTarget Target, JinjaExpression Items, JinjaExpression? Condition, bool Recursive, IReadOnlyList<JinjaStatement> Body, IReadOnlyList<JinjaStatement> Else, int Line)
    : JinjaStatement(Line);

internal sealed record SetStatement(JinjaTarget Target, JinjaExpression Value, int Line) : JinjaStatement(Line);

internal sealed record SetBlockStatement(JinjaTarget Target, FilterExpression? Filter, IReadOnlyList<JinjaStatement> Body, int Line) : JinjaStatement(Line);

/// <summary>What is assigned to: names, attributes of a namespace, or a tuple of these.</summary>
internal abstract record JinjaTarget(int Line);

internal sealed record NameTarget(string Name, int Line) : JinjaTarget(Line);

internal sealed record NamespaceTarget(string Name, string Attribute, int Line) : JinjaTarget(Line);

internal sealed record TupleTarget(IReadOnlyList<JinjaTarget> Items, int Line) : JinjaTarget(Line);

/// <summary>The parameters and body of a macro or call block.</summary>
internal sealed record JinjaMacroDefinition(string? Name, IReadOnlyList<(string Name, JinjaExpression? Default)> Parameters, IReadOnlyList<JinjaStatement> Body, int Line);

internal sealed record MacroStatement(JinjaMacroDefinition Macro, int Line) : JinjaStatement(Line);

internal sealed record CallBlockStatement(CallExpression Call, JinjaMacroDefinition Caller, int Line) : JinjaStatement(Line);

internal sealed record FilterBlockStatement(FilterExpression Filter, IReadOnlyList<JinjaStatement> Body, int Line) : JinjaStatement(Line);

internal sealed record WithStatement(IReadOnlyList<(JinjaTarget Target, JinjaExpression Value)> Values, IReadOnlyList<JinjaStatement> Body, int Line) : JinjaStatement(Line);

/// <summary>What a model is to generate.</summary>
internal sealed record GenerationStatement(IReadOnlyList<JinjaStatement> Body, int Line) : JinjaStatement(Line);

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed record JumpStatement(bool Breaks, int Line) : JinjaStatement(Line);
