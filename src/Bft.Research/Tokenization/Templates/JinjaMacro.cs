namespace Bft.Research.Tokenization;

/// <summary>A macro, or the body of a call block as the macro <c>caller</c>. Sees the variables of the place where it is defined.</summary>
internal sealed class JinjaMacro : PyObject
{
    private readonly JinjaMacroDefinition _definition;
    private readonly JinjaScope _scope;
    private readonly JinjaInterpreter _interpreter;
    private readonly bool _takesMore;
    private readonly bool _takesMoreNamed;
    private readonly bool _takesCaller;

    public JinjaMacro(JinjaMacroDefinition definition, JinjaScope scope, JinjaInterpreter interpreter)
    {
        (_definition, _scope, _interpreter) = (definition, scope, interpreter);
        bool Uses(string name) => JinjaChecker.Uses(definition.Body, name) && !definition.Parameters.Any(parameter => parameter.Name == name);
        _takesMore = Uses("varargs");
        _takesMoreNamed = Uses("kwargs");
        _takesCaller = JinjaChecker.Uses(definition.Body, "caller");
    }

    public override string TypeName => "Macro";

    public override Func<PyArguments, object?> Callable => Call;

    public override string Repr() => $"<Macro {(_definition.Name is null ? "anonymous" : PyRepr.Of(_definition.Name))}>";

    public override bool TryAttribute(string name, out object? value)
    {
        (var known, value) = name switch
        {
            "name" => (true, _definition.Name),
            "arguments" => (true, (object?)new PyTuple([.. _definition.Parameters.Select(parameter => parameter.Name)])),
            "catch_varargs" => (true, _takesMore),
            "catch_kwargs" => (true, _takesMoreNamed),
            "caller" => (true, _takesCaller),
            _ => (false, null),
        };
        return known;
    }

    private object? Call(PyArguments arguments)
    {
        var scope = new JinjaScope(_scope);
        var named = arguments.Named.ToList();
        var missing = new List<(string Name, JinjaExpression? Default)>();
        for (var i = 0; i < _definition.Parameters.Count; i++)
        {
            var (name, value) = _definition.Parameters[i];
            var at = named.FindIndex(pair => pair.Key == name);
            if (i < arguments.Positional.Count)
                scope.Set(name, arguments.Positional[i]);
            else if (at >= 0)
                scope.Set(name, named[at].Value);
            else
                missing.Add((name, value));
            if (i >= arguments.Positional.Count && at >= 0)
                named.RemoveAt(at);
        }

        TakeCaller(scope, named);
        TakeRest(scope, named, arguments);
        foreach (var (name, _) in missing)
            scope.Set(name, new PyUndefined($"parameter {PyRepr.Of(name)} was not provided"));
        foreach (var (name, value) in missing.Where(parameter => parameter.Default is not null))
            scope.Set(name, _interpreter.Evaluate(value!, scope));
        return _interpreter.CallBody(_definition.Body, scope);
    }

    private void TakeCaller(JinjaScope scope, List<KeyValuePair<string, object?>> named)
    {
        if (!_takesCaller || _definition.Parameters.Any(parameter => parameter.Name == "caller"))
            return;
        var at = named.FindIndex(pair => pair.Key == "caller");
        scope.Set("caller", at >= 0 ? named[at].Value : new PyUndefined("No caller defined"));
        if (at >= 0)
            named.RemoveAt(at);
    }

    private void TakeRest(JinjaScope scope, List<KeyValuePair<string, object?>> named, PyArguments arguments)
    {
        var count = _definition.Parameters.Count;
        if (_takesMoreNamed)
            scope.Set("kwargs", new PyDict(named.Select(pair => KeyValuePair.Create((object?)pair.Key, pair.Value))));
        else if (named.Count > 0)
            throw TemplateException.Type($"macro {PyRepr.Of(_definition.Name)} takes no keyword argument {PyRepr.Of(named[0].Key)}");
        if (_takesMore)
            scope.Set("varargs", new PyTuple([.. arguments.Positional.Skip(count)]));
        else if (arguments.Positional.Count > count)
            throw TemplateException.Type($"macro {PyRepr.Of(_definition.Name)} takes not more than {count} argument(s)");
    }
}
