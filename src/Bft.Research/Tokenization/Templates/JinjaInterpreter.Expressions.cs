using System.Runtime.CompilerServices;

namespace Bft.Research.Tokenization;

/// <summary>Evaluates expressions.</summary>
internal sealed partial class JinjaInterpreter
{
    /// <summary>The value of an expression.</summary>
    /// <exception cref="TemplateException">What Python or Jinja raises.</exception>
    public object? Evaluate(JinjaExpression expression, JinjaScope scope)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return expression switch
        {
            ConstantExpression constant => constant.Value,
            NameExpression name => scope.Get(name.Name),
            ListExpression list => new PyList([.. list.Items.Select(item => Evaluate(item, scope))]),
            TupleExpression tuple => new PyTuple([.. tuple.Items.Select(item => Evaluate(item, scope))]),
            DictExpression dict => new PyDict(dict.Pairs.Select(pair => KeyValuePair.Create(Evaluate(pair.Key, scope), Evaluate(pair.Value, scope)))),
            UnaryExpression unary => Unary(unary, scope),
            BinaryExpression binary => Binary(binary, scope),
            CompareExpression compare => Compare(compare, scope),
            ConcatExpression concat => string.Concat(concat.Items.Select(item => Evaluate(item, scope)).ToArray().Select(PyValue.Text)),
            ConditionalExpression conditional => Conditional(conditional, scope),
            AttributeExpression attribute => PyItems.Attribute(Evaluate(attribute.Owner, scope), attribute.Name),
            ElementExpression { Key: SliceExpression slice } element => Slice(element, slice, scope),
            ElementExpression element => PyItems.Element(Evaluate(element.Owner, scope), Evaluate(element.Key, scope)),
            CallExpression call => Call(call, scope, null),
            FilterExpression filter => Filter(filter, scope, null),
            TestExpression test => JinjaTests.Apply(test.Name, Evaluate(test.Value, scope), Arguments(test.Arguments, scope)),
            SliceExpression => throw TemplateException.Refused("a slice together with other keys"),
            _ => throw new InvalidOperationException($"{expression.GetType().Name} is no expression."),
        };
    }

    private object? Unary(UnaryExpression unary, JinjaScope scope)
    {
        var operand = Evaluate(unary.Operand, scope);
        return unary.Operator switch
        {
            "not" => !PyValue.Truth(operand),
            "-" => PyOperators.Negate(operand),
            _ => PyOperators.Positive(operand),
        };
    }

    private object? Binary(BinaryExpression binary, JinjaScope scope)
    {
        var left = Evaluate(binary.Left, scope);
        return binary.Operator switch
        {
            "and" => PyValue.Truth(left) ? Evaluate(binary.Right, scope) : left,
            "or" => PyValue.Truth(left) ? left : Evaluate(binary.Right, scope),
            _ => PyOperators.Apply(binary.Operator, left, Evaluate(binary.Right, scope)),
        };
    }

    private bool Compare(CompareExpression compare, JinjaScope scope)
    {
        var left = Evaluate(compare.First, scope);
        foreach (var (op, operand) in compare.Rest)
        {
            var right = Evaluate(operand, scope);
            if (!PyComparison.Test(op, left, right))
                return false;
            left = right;
        }

        return true;
    }

    private object? Conditional(ConditionalExpression conditional, JinjaScope scope)
    {
        if (PyValue.Truth(Evaluate(conditional.Test, scope)))
            return Evaluate(conditional.Then, scope);
        return conditional.Else is { } otherwise
            ? Evaluate(otherwise, scope)
            : new PyUndefined($"the inline if-expression on line {conditional.Line} evaluated to false and no else section was defined.");
    }

    private object? Slice(ElementExpression element, SliceExpression slice, JinjaScope scope)
    {
        object? Part(JinjaExpression? part) => part is null ? null : Evaluate(part, scope);
        return PyItems.Slice(Evaluate(element.Owner, scope), Part(slice.Start), Part(slice.Stop), Part(slice.Step));
    }

    private object? Call(CallExpression call, JinjaScope scope, JinjaMacro? caller)
    {
        var function = Evaluate(call.Function, scope);
        var arguments = Arguments(call.Arguments, scope);
        if (caller is not null)
            arguments = arguments with { Named = [.. arguments.Named, KeyValuePair.Create("caller", (object?)caller)] };
        if (function is PyUndefined undefined)
            throw undefined.Error;
        var callable = (function as PyObject)?.Callable ?? throw TemplateException.Type($"'{PyValue.TypeName(function)}' object is not callable");
        return callable(arguments);
    }

    private object? Filter(FilterExpression filter, JinjaScope scope, string? blockText)
    {
        var value = filter.Value switch
        {
            null => blockText,
            FilterExpression inner when blockText is not null => Filter(inner, scope, blockText),
            var inner => Evaluate(inner, scope),
        };
        return JinjaFilters.Apply(filter.Name, value, Arguments(filter.Arguments, scope));
    }

    private PyArguments Arguments(JinjaCallArguments written, JinjaScope scope)
    {
        if (ReferenceEquals(written, JinjaCallArguments.None))
            return PyArguments.None;
        List<object?> positional = [.. written.Positional.Select(value => Evaluate(value, scope))];
        List<KeyValuePair<string, object?>> named = [.. written.Named.Select(pair => KeyValuePair.Create(pair.Name, Evaluate(pair.Value, scope)))];
        if (written.More is not null)
            positional.AddRange(PyValue.Iterate(Evaluate(written.More, scope)));
        if (written.MoreNamed is not null)
            named.AddRange(NamedRest(Evaluate(written.MoreNamed, scope)));
        if (named.GroupBy(pair => pair.Key).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw TemplateException.Type($"got multiple values for keyword argument '{twice.Key}'");
        return new(positional, named);
    }

    private static IEnumerable<KeyValuePair<string, object?>> NamedRest(object? value)
    {
        if (value is not PyDict dict)
            throw TemplateException.Type($"argument after ** must be a mapping, not {PyValue.TypeName(value)}");
        return dict.Pairs.Select(pair => KeyValuePair.Create(PyValue.AsText(pair.Key) ?? throw TemplateException.Type("keywords must be strings"), pair.Value));
    }
}
