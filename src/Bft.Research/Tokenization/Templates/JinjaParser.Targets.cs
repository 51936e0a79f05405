namespace Bft.Research.Tokenization;

/// <summary>Parameters of macros, and what is assigned to.</summary>
internal sealed partial class JinjaParser
{
    private List<(string Name, JinjaExpression? Default)> Parameters()
    {
        var parameters = new List<(string Name, JinjaExpression? Default)>();
        ExpectOperator("(");
        while (!Current.IsOperator(")"))
        {
            if (parameters.Count > 0)
                ExpectOperator(",");
            var name = PlainTarget();
            var value = SkipOperator("=") ? Expression() : null;
            if (value is null && parameters.Any(parameter => parameter.Default is not null))
                throw Fail("non-default argument follows default argument");
            parameters.Add((name, value));
        }

        Take();
        return parameters;
    }

    private string PlainTarget()
    {
        var name = ExpectName();
        return s_constants.Contains(name.Text) ? throw Fail("can't assign to 'name'", name.Line) : name.Text;
    }

    /// <summary>What an assignment assigns to: a name, with commas a tuple, in <c>set</c> also an attribute of a namespace.</summary>
    private JinjaTarget Target(bool withNamespace = false, string? endsAt = null)
    {
        var items = new List<JinjaTarget>();
        var (isTuple, line) = (false, Current.Line);
        do
        {
            if (isTuple && (EndsTuple(endsAt) || Current.IsOperator("=")))
                break;
            items.Add(SingleTarget(withNamespace, endsAt));
        }
        while (SkipOperator(",") && (isTuple = true));
        return isTuple ? new TupleTarget(items, line) : items[0];
    }

    private JinjaTarget SingleTarget(bool withNamespace, string? endsAt)
    {
        var token = Take();
        if (token.IsOperator("("))
        {
            var inner = Target(withNamespace, endsAt);
            ExpectOperator(")");
            return inner;
        }

        if (token.Kind is JinjaTokenKind.BlockEnd or JinjaTokenKind.End)
            throw Fail($"Expected an expression, got '{token.Description}'", token.Line);
        if (token.Kind != JinjaTokenKind.Name || s_constants.Contains(token.Text))
            throw Fail(token.Kind == JinjaTokenKind.Operator ? $"unexpected '{token.Description}'" : "can't assign to 'const'", token.Line);
        return withNamespace && SkipOperator(".") ? new NamespaceTarget(token.Text, ExpectName().Text, token.Line) : new NameTarget(token.Text, token.Line);
    }
}
