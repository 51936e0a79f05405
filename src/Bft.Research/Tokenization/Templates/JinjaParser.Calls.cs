namespace Bft.Research.Tokenization;

/// <summary>Subscripts, calls, filters and tests.</summary>
internal sealed partial class JinjaParser
{
    private JinjaExpression Subscript(JinjaExpression owner)
    {
        var line = Take().Line;
        var keys = new List<JinjaExpression>();
        while (!SkipOperator("]"))
        {
            if (keys.Count > 0)
                ExpectOperator(",");
            keys.Add(Key());
        }

        return new ElementExpression(owner, keys.Count == 1 ? keys[0] : new TupleExpression(keys, line), line);
    }

    /// <summary>An index, or a slice with any of its three parts left out.</summary>
    private JinjaExpression Key()
    {
        var line = Current.Line;
        JinjaExpression? start = null, stop = null, step = null;
        if (!Current.IsOperator(":"))
        {
            start = Expression();
            if (!Current.IsOperator(":"))
                return start;
        }

        Take();
        bool AtEnd() => Current.IsOperator("]") || Current.IsOperator(",");
        if (!Current.IsOperator(":") && !AtEnd())
            stop = Expression();
        if (SkipOperator(":") && !AtEnd())
            step = Expression();
        return new SliceExpression(start, stop, step, line);
    }

    private JinjaCallArguments Arguments()
    {
        var line = Current.Line;
        ExpectOperator("(");
        var arguments = JinjaCallArguments.None;
        var first = true;
        while (!SkipOperator(")"))
        {
            if (!first)
            {
                ExpectOperator(",");
                if (SkipOperator(")"))
                    break;
            }

            first = false;
            arguments = With(arguments, line);
        }

        return arguments;
    }

    /// <summary>One argument more: positional first, then named, <c>*rest</c> and <c>**rest</c> last.</summary>
    private JinjaCallArguments With(JinjaCallArguments arguments, int line)
    {
        void Require(bool order)
        {
            if (!order)
                throw Fail("invalid syntax for function call expression", line);
        }

        if (SkipOperator("*"))
        {
            Require(arguments.More is null && arguments.MoreNamed is null);
            return arguments with { More = Expression() };
        }

        Require(arguments.MoreNamed is null);
        if (SkipOperator("**"))
            return arguments with { MoreNamed = Expression() };
        if (Current.Kind == JinjaTokenKind.Name && Following.IsOperator("="))
        {
            var name = Take().Text;
            Take();
            return arguments with { Named = [.. arguments.Named, (name, Expression())] };
        }

        Require(arguments.More is null && arguments.Named.Count == 0);
        return arguments with { Positional = [.. arguments.Positional, Expression()] };
    }

    private JinjaExpression FiltersAndTests(JinjaExpression value)
    {
        while (true)
        {
            if (Current.IsOperator("|"))
                value = Filters(value)!;
            else if (Current.IsName("is"))
                value = Test(value);
            else if (Current.IsOperator("("))
                value = new CallExpression(value, Arguments(), Current.Line);
            else
                return value;
        }
    }

    /// <summary>A chain of filters; without a value the chain of a filter block or set block.</summary>
    private JinjaExpression? Filters(JinjaExpression? value, bool startsInline = false)
    {
        while (startsInline || SkipOperator("|"))
        {
            startsInline = false;
            var line = Current.Line;
            var name = DottedName();
            value = new FilterExpression(value, name, Current.IsOperator("(") ? Arguments() : JinjaCallArguments.None, line);
        }

        return value;
    }

    private JinjaExpression Test(JinjaExpression value)
    {
        var line = Take().Line;
        var negated = SkipName("not");
        var name = DottedName();
        var arguments = JinjaCallArguments.None;
        if (Current.IsOperator("("))
            arguments = Arguments();
        else if (StartsTestArgument())
            arguments = new([Postfix(Primary())], [], null, null);
        var test = new TestExpression(value, name, arguments, line);
        return negated ? new UnaryExpression("not", test, line) : test;
    }

    private bool StartsTestArgument()
    {
        if (Current.IsName("else") || Current.IsName("or") || Current.IsName("and"))
            return false;
        if (Current.IsName("is"))
            throw Fail("You cannot chain multiple tests with is");
        return Current.Kind is JinjaTokenKind.Name or JinjaTokenKind.String or JinjaTokenKind.Number || Current.IsOperator("[") || Current.IsOperator("{");
    }

    private string DottedName()
    {
        var name = ExpectName().Text;
        while (SkipOperator("."))
            name += "." + ExpectName().Text;
        return name;
    }
}
