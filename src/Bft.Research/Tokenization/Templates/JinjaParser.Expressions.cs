namespace Bft.Research.Tokenization;

/// <summary>Expressions, from the weakest binding to the strongest: if-else, or, and, not, comparison, + -, ~, * / // %, **, sign, filters.</summary>
internal sealed partial class JinjaParser
{
    private const int DeepestNesting = 400;
    private static readonly string[] s_comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private static readonly string[] s_products = ["*", "/", "//", "%"];
    private int _depth;

    private Nesting Deeper() => ++_depth <= DeepestNesting
        ? new(this)
        : throw new TemplateException(TemplateException.NotSupported, $"nesting deeper than {DeepestNesting} is not supported", Current.Line);

    private readonly struct Nesting(JinjaParser parser) : IDisposable
    {
        public void Dispose() => parser._depth--;
    }

    private bool EndsTuple(string? endsAt) =>
        Current.Kind is JinjaTokenKind.PrintEnd or JinjaTokenKind.BlockEnd || Current.IsOperator(")") || (endsAt is not null && Current.IsName(endsAt));

    private JinjaExpression Tuple(bool withConditional = true, string? endsAt = null, bool inParentheses = false)
    {
        var items = new List<JinjaExpression>();
        var (isTuple, line) = (false, Current.Line);
        while (!EndsTuple(endsAt))
        {
            items.Add(withConditional ? Expression() : Or());
            if (!SkipOperator(","))
                break;
            isTuple = true;
        }

        if (isTuple || (items.Count == 0 && inParentheses))
            return new TupleExpression(items, line);
        return items.Count == 1 ? items[0] : throw Fail($"Expected an expression, got '{Current.Description}'");
    }

    private JinjaExpression Expression()
    {
        using var depth = Deeper();
        var line = Current.Line;
        var value = Or();
        while (SkipName("if"))
        {
            var test = Or();
            value = new ConditionalExpression(test, value, SkipName("else") ? Expression() : null, line);
        }

        return value;
    }

    private JinjaExpression Or()
    {
        var left = And();
        while (Current.IsName("or"))
            left = new BinaryExpression(Take().Text, left, And(), left.Line);
        return left;
    }

    private JinjaExpression And()
    {
        var left = Not();
        while (Current.IsName("and"))
            left = new BinaryExpression(Take().Text, left, Not(), left.Line);
        return left;
    }

    private JinjaExpression Not()
    {
        if (!Current.IsName("not"))
            return Comparison();
        using var depth = Deeper();
        var line = Take().Line;
        return new UnaryExpression("not", Not(), line);
    }

    private JinjaExpression Comparison()
    {
        var first = Sum();
        var rest = new List<(string, JinjaExpression)>();
        while (ComparisonOperator() is { } op)
            rest.Add((op, Sum()));
        return rest.Count == 0 ? first : new CompareExpression(first, rest, first.Line);
    }

    private string? ComparisonOperator()
    {
        if (Current.Kind == JinjaTokenKind.Operator && s_comparisons.Contains(Current.Text))
            return Take().Text;
        if (SkipName("in"))
            return "in";
        if (!Current.IsName("not") || !Following.IsName("in"))
            return null;
        Take();
        Take();
        return "not in";
    }

    private JinjaExpression Sum()
    {
        var left = Concatenation();
        while (Current.IsOperator("+") || Current.IsOperator("-"))
            left = new BinaryExpression(Take().Text, left, Concatenation(), left.Line);
        return left;
    }

    private JinjaExpression Concatenation()
    {
        var items = new List<JinjaExpression> { Product() };
        while (SkipOperator("~"))
            items.Add(Product());
        return items.Count == 1 ? items[0] : new ConcatExpression(items, items[0].Line);
    }

    private JinjaExpression Product()
    {
        var left = Power();
        while (Current.Kind == JinjaTokenKind.Operator && s_products.Contains(Current.Text))
            left = new BinaryExpression(Take().Text, left, Power(), left.Line);
        return left;
    }

    private JinjaExpression Power()
    {
        var left = Unary();
        while (SkipOperator("**"))
            left = new BinaryExpression("**", left, Unary(), left.Line);
        return left;
    }

    private JinjaExpression Unary(bool withFilters = true)
    {
        using var depth = Deeper();
        JinjaExpression value;
        if (Current.IsOperator("-") || Current.IsOperator("+"))
        {
            var sign = Take();
            value = new UnaryExpression(sign.Text, Unary(withFilters: false), sign.Line);
        }
        else
        {
            value = Primary();
        }

        value = Postfix(value);
        return withFilters ? FiltersAndTests(value) : value;
    }

    private JinjaExpression Primary()
    {
        var token = Take();
        switch (token.Kind)
        {
            case JinjaTokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new ConstantExpression(true, token.Line),
                    "false" or "False" => new ConstantExpression(false, token.Line),
                    "none" or "None" => new ConstantExpression(null, token.Line),
                    _ => new NameExpression(token.Text, token.Line),
                };
            case JinjaTokenKind.String:
                var text = (string)token.Value!;
                while (Current.Kind == JinjaTokenKind.String)
                    text += (string)Take().Value!;
                return new ConstantExpression(text, token.Line);
            case JinjaTokenKind.Number:
                return new ConstantExpression(token.Value, token.Line);
            case JinjaTokenKind.Operator when token.Text == "(":
                var inner = Tuple(inParentheses: true);
                ExpectOperator(")");
                return inner;
            case JinjaTokenKind.Operator when token.Text == "[":
                return new ListExpression(Sequence("]", Expression), token.Line);
            case JinjaTokenKind.Operator when token.Text == "{":
                return new DictExpression(Sequence("}", Pair), token.Line);
            default:
                throw Fail($"unexpected '{token.Description}'", token.Line);
        }
    }

    private (JinjaExpression Key, JinjaExpression Value) Pair()
    {
        var key = Expression();
        ExpectOperator(":");
        return (key, Expression());
    }

    /// <summary>Items up to a closing bracket; a comma may follow the last.</summary>
    private List<T> Sequence<T>(string close, Func<T> item)
    {
        var items = new List<T>();
        while (!SkipOperator(close))
        {
            if (items.Count > 0)
            {
                ExpectOperator(",");
                if (SkipOperator(close))
                    break;
            }

            items.Add(item());
        }

        return items;
    }

    private JinjaExpression Postfix(JinjaExpression value)
    {
        while (true)
        {
            if (Current.IsOperator("."))
                value = Member(value);
            else if (Current.IsOperator("["))
                value = Subscript(value);
            else if (Current.IsOperator("("))
                value = new CallExpression(value, Arguments(), Current.Line);
            else
                return value;
        }
    }

    private JinjaExpression Member(JinjaExpression owner)
    {
        var line = Take().Line;
        var name = Take();
        if (name.Kind == JinjaTokenKind.Name)
            return new AttributeExpression(owner, name.Text, line);
        return name.Kind == JinjaTokenKind.Number && name.Value is System.Numerics.BigInteger
            ? new ElementExpression(owner, new ConstantExpression(name.Value, name.Line), line)
            : throw Fail("expected name or number", name.Line);
    }
}
