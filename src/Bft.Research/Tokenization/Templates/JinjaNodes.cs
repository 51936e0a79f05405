namespace Bft.Research.Tokenization;

/// <summary>An expression.</summary>
/// <param name="Line">Line of the template.</param>
internal abstract record JinjaExpression(int Line)
{
    /// <summary>The expressions inside.</summary>
    public virtual IEnumerable<JinjaExpression?> Parts => [];
}

internal sealed record ConstantExpression(object? Value, int Line) : JinjaExpression(Line);

internal sealed record NameExpression(string Name, int Line) : JinjaExpression(Line);

internal sealed record ListExpression(IReadOnlyList<JinjaExpression> Items, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => Items;
}

internal sealed record TupleExpression(IReadOnlyList<JinjaExpression> Items, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => Items;
}

internal sealed record DictExpression(IReadOnlyList<(JinjaExpression Key, JinjaExpression Value)> Pairs, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => Pairs.SelectMany(pair => new[] { pair.Key, pair.Value });
}

internal sealed record UnaryExpression(string Operator, JinjaExpression Operand, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => [Operand];
}

/// <summary>Arithmetic, <c>and</c>, <c>or</c>.</summary>
internal sealed record BinaryExpression(string Operator, JinjaExpression Left, JinjaExpression Right, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => [Left, Right];
}

/// <summary>A chain of comparisons, as in <c>1 &lt; x &lt; 3</c>.</summary>
internal sealed record CompareExpression(JinjaExpression First, IReadOnlyList<(string Operator, JinjaExpression Operand)> Rest, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => [First, .. Rest.Select(rest => rest.Operand)];
}

/// <summary>Texts joined by <c>~</c>.</summary>
internal sealed record ConcatExpression(IReadOnlyList<JinjaExpression> Items, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => Items;
}

internal sealed record ConditionalExpression(JinjaExpression Test, JinjaExpression Then, JinjaExpression? Else, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => [Test, Then, Else];
}

internal sealed record AttributeExpression(JinjaExpression Owner, string Name, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => [Owner];
}

internal sealed record ElementExpression(JinjaExpression Owner, JinjaExpression Key, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => [Owner, Key];
}

internal sealed record SliceExpression(JinjaExpression? Start, JinjaExpression? Stop, JinjaExpression? Step, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => [Start, Stop, Step];
}

/// <summary>Arguments as written: positional, named, <c>*rest</c>, <c>**rest</c>.</summary>
internal sealed record JinjaCallArguments(
    IReadOnlyList<JinjaExpression> Positional, IReadOnlyList<(string Name, JinjaExpression Value)> Named, JinjaExpression? More, JinjaExpression? MoreNamed)
{
    public static JinjaCallArguments None { get; } = new([], [], null, null);

    public IEnumerable<JinjaExpression?> Parts => [.. Positional, .. Named.Select(named => named.Value), More, MoreNamed];
}

internal sealed record CallExpression(JinjaExpression Function, JinjaCallArguments Arguments, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => [Function, .. Arguments.Parts];
}

/// <summary>A filter; without a value it is that of a filter or set block.</summary>
internal sealed record FilterExpression(JinjaExpression? Value, string Name, JinjaCallArguments Arguments, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => [Value, .. Arguments.Parts];
}

internal sealed record TestExpression(JinjaExpression Value, string Name, JinjaCallArguments Arguments, int Line) : JinjaExpression(Line)
{
    public override IEnumerable<JinjaExpression?> Parts => [Value, .. Arguments.Parts];
}
