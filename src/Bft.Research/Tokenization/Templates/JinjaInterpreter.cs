using System.Runtime.CompilerServices;

namespace Bft.Research.Tokenization;

/// <summary>Runs the statements of a template.</summary>
internal sealed partial class JinjaInterpreter
{
    private const int DeepestCalls = 300;
    private readonly JinjaOutput _root = new();
    private readonly List<(int Start, int End)> _spans = [];
    private JinjaOutput _output;
    private int _calls;

    private JinjaInterpreter() => _output = _root;

    private enum Flow
    {
        Goes,
        Breaks,
        Continues,
    }

    /// <summary>Renders a template.</summary>
    /// <param name="statements">The template.</param>
    /// <param name="variables">Variables, global functions included.</param>
    /// <returns>The text, and the code points that generation tags enclose.</returns>
    /// <exception cref="TemplateException">What Jinja raises, with the line.</exception>
    public static (string Text, IReadOnlyList<(int Start, int End)> Spans) Render(
        IReadOnlyList<JinjaStatement> statements, IEnumerable<KeyValuePair<string, object?>> variables)
    {
        var globals = new JinjaScope(null);
        foreach (var (name, value) in variables)
            globals.Set(name, value);
        var interpreter = new JinjaInterpreter();
        try
        {
            interpreter.Run(statements, new(globals));
        }
        catch (InsufficientExecutionStackException e)
        {
            throw new TemplateException("RecursionError", e.Message);
        }

        return (interpreter._root.ToString(), interpreter._spans);
    }

    /// <summary>Runs the body of a macro and gives what it writes.</summary>
    /// <exception cref="TemplateException">RecursionError: macros call each other too deeply.</exception>
    public string CallBody(IReadOnlyList<JinjaStatement> statements, JinjaScope scope) => Nested(() => Run(statements, scope));

    private string Nested(Func<Flow> run)
    {
        if (++_calls > DeepestCalls)
            throw new TemplateException("RecursionError", "maximum recursion depth exceeded");
        var text = Capture(run, out _);
        _calls--;
        return text;
    }

    private string Capture(IReadOnlyList<JinjaStatement> statements, JinjaScope scope, out Flow flow) => Capture(() => Run(statements, scope), out flow);

    private string Capture(Func<Flow> run, out Flow flow)
    {
        var outer = _output;
        var inner = _output = new();
        flow = run();
        _output = outer;
        return inner.ToString();
    }

    private Flow Run(IReadOnlyList<JinjaStatement> statements, JinjaScope scope)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var statement in statements)
        {
            try
            {
                if (Run(statement, scope) is var flow and not Flow.Goes)
                    return flow;
            }
            catch (TemplateException e)
            {
                e.At(statement.Line);
                throw;
            }
        }

        return Flow.Goes;
    }

    private Flow Run(JinjaStatement statement, JinjaScope scope)
    {
        switch (statement)
        {
            case TextStatement text:
                _output.Write(text.Text);
                return Flow.Goes;
            case PrintStatement print:
                _output.Write(PyValue.Text(Evaluate(print.Value, scope)));
                return Flow.Goes;
            case IfStatement chosen:
                return If(chosen, scope);
            case ForStatement loop:
                return For(loop, loop.Items, scope);
            case SetStatement set:
                Assign(set.Target, Evaluate(set.Value, scope), scope);
                return Flow.Goes;
            case SetBlockStatement set:
                return SetBlock(set, scope);
            case MacroStatement macro:
                scope.Set(macro.Macro.Name!, new JinjaMacro(macro.Macro, scope, this));
                return Flow.Goes;
            case CallBlockStatement block:
                _output.Write(PyValue.Text(Call(block.Call, scope, new JinjaMacro(block.Caller, scope, this))));
                return Flow.Goes;
            case FilterBlockStatement filter:
                var captured = Capture(filter.Body, new(scope), out var ended);
                if (ended == Flow.Goes)
                    _output.Write(PyValue.Text(Filter(filter.Filter, scope, captured)));
                return ended;
            case WithStatement with:
                return With(with, scope);
            case GenerationStatement generation:
                Generation(generation, scope);
                return Flow.Goes;
            case JumpStatement jump:
                return jump.Breaks ? Flow.Breaks : Flow.Continues;
            default:
                throw new InvalidOperationException($"{statement.GetType().Name} is no statement.");
        }
    }

    private Flow If(IfStatement chosen, JinjaScope scope)
    {
        foreach (var (test, body) in chosen.Branches)
            if (PyValue.Truth(Evaluate(test, scope)))
                return Run(body, scope);
        return Run(chosen.Else, scope);
    }

    private Flow For(ForStatement statement, JinjaExpression items, JinjaScope scope)
    {
        var iterable = Evaluate(items, scope);
        if (!statement.Recursive)
            return Loop(statement, iterable, scope, 0);
        _output.Write(Nested(() => Loop(statement, iterable, scope, 0)));
        return Flow.Goes;
    }

    /// <summary>Runs a loop. As in Jinja, <c>else</c> runs when no pass reached the end of the body, be it for a <c>continue</c> in every one.</summary>
    private Flow Loop(ForStatement statement, object? iterable, JinjaScope scope, int depth)
    {
        var items = PyValue.Iterate(iterable);
        if (statement.Condition is { } condition)
            items = items.Where(item =>
            {
                var inner = new JinjaScope(scope);
                Assign(statement.Target, item, inner);
                return PyValue.Truth(Evaluate(condition, inner));
            });
        Func<PyArguments, object?>? recurse = statement.Recursive ? a => Nested(() => Loop(statement, a.Bind(("iterable", PyArguments.Required))[0], scope, depth + 1)) : null;
        var loop = new JinjaLoop(statement.Condition is null ? iterable : null, items, recurse, depth);
        var completed = false;
        while (loop.MoveNext())
        {
            var inner = new JinjaScope(scope);
            inner.Set("loop", loop);
            Assign(statement.Target, loop.Current, inner);
            var flow = Run(statement.Body, inner);
            completed |= flow == Flow.Goes;
            if (flow == Flow.Breaks)
                break;
        }

        return completed ? Flow.Goes : Run(statement.Else, new(scope));
    }

    private Flow SetBlock(SetBlockStatement set, JinjaScope scope)
    {
        var text = Capture(set.Body, new(scope), out var flow);
        if (flow == Flow.Goes)
            Assign(set.Target, set.Filter is null ? text : Filter(set.Filter, scope, text), scope);
        return flow;
    }

    private Flow With(WithStatement with, JinjaScope scope)
    {
        var inner = new JinjaScope(scope);
        foreach (var (target, value) in with.Values)
            Assign(target, Evaluate(value, scope), inner);
        return Run(with.Body, inner);
    }

    private void Generation(GenerationStatement generation, JinjaScope scope)
    {
        var text = Capture(generation.Body, new(scope), out _);
        _spans.Add((_root.CodePoints, _root.CodePoints + PyText.Length(text)));
        _output.Write(text);
    }

    private void Assign(JinjaTarget target, object? value, JinjaScope scope)
    {
        switch (target)
        {
            case NameTarget name:
                scope.Set(name.Name, value);
                return;
            case NamespaceTarget attribute:
                if (scope.Get(attribute.Name) is not PyNamespace owner)
                    throw new TemplateException("TemplateRuntimeError", "cannot assign attribute on non-namespace object");
                owner.Values.Set(attribute.Attribute, value);
                return;
            case TupleTarget tuple:
                Unpack(tuple, value, scope);
                return;
        }
    }

    private void Unpack(TupleTarget tuple, object? value, JinjaScope scope)
    {
        if (!PyValue.CanIterate(value))
            throw TemplateException.Type($"cannot unpack non-iterable {PyValue.TypeName(value)} object");
        object?[] items = [.. PyValue.Iterate(value)];
        if (items.Length > tuple.Items.Count)
            throw TemplateException.Value($"too many values to unpack (expected {tuple.Items.Count})");
        if (items.Length < tuple.Items.Count)
            throw TemplateException.Value($"not enough values to unpack (expected {tuple.Items.Count}, got {items.Length})");
        for (var i = 0; i < items.Length; i++)
            Assign(tuple.Items[i], items[i], scope);
    }
}
