namespace Bft.Research.Tokenization;

/// <summary>Checks that Jinja makes when it compiles a template: filters and tests exist, jumps stand in loops.</summary>
/// <remarks>As in Jinja, an unknown filter directly inside an <c>if</c> or an if-expression is only an error when it is reached.</remarks>
internal static class JinjaChecker
{
    public static void Check(IReadOnlyList<JinjaStatement> statements) => Statements(statements, soft: false, inLoop: false);

    /// <summary>Whether a name is used in statements, macros and call blocks inside them included.</summary>
    public static bool Uses(IEnumerable<JinjaStatement> statements, string name) => Expressions(statements).Any(expression => Uses(expression, name));

    private static bool Uses(JinjaExpression? expression, string name) =>
        expression is not null && (expression is NameExpression use ? use.Name == name : expression.Parts.Any(part => Uses(part, name)));

    private static void Statements(IEnumerable<JinjaStatement> statements, bool soft, bool inLoop)
    {
        foreach (var statement in statements)
            Statement(statement, soft, inLoop);
    }

    private static void Statement(JinjaStatement statement, bool soft, bool inLoop)
    {
        switch (statement)
        {
            case IfStatement chosen:
                foreach (var (test, body) in chosen.Branches)
                {
                    Expression(test, soft: true);
                    Statements(body, soft: true, inLoop);
                }

                Statements(chosen.Else, soft: true, inLoop);
                return;
            case ForStatement loop:
                Loop(loop, soft, inLoop);
                return;
            case JumpStatement jump when !inLoop:
                throw new TemplateException("SyntaxError", jump.Breaks ? "'break' outside loop" : "'continue' not properly in loop", jump.Line);
            case MacroStatement macro:
                Macro(macro.Macro);
                return;
            case CallBlockStatement block:
                Expression(block.Call, soft);
                Macro(block.Caller);
                return;
            case GenerationStatement generation:
                Statements(generation.Body, soft: false, inLoop: false);
                return;
        }

        foreach (var expression in Own(statement))
            Expression(expression, soft && statement is not (FilterBlockStatement or SetBlockStatement));
        Statements(Inner(statement), soft: false, inLoop);
    }

    private static void Loop(ForStatement loop, bool soft, bool inLoop)
    {
        if (TargetNames(loop.Target).Contains("loop"))
            throw new TemplateException("TemplateAssertionError", "Can't assign to special loop variable in for-loop target", loop.Line);
        Expression(loop.Items, soft);
        Expression(loop.Condition, soft: false);
        Statements(loop.Body, soft: false, inLoop: true);
        Statements(loop.Else, soft: false, inLoop && !loop.Recursive);
    }

    private static void Macro(JinjaMacroDefinition macro)
    {
        foreach (var (name, value) in macro.Parameters)
        {
            if (name == "caller" && value is null && Uses(macro.Body, name))
                throw new TemplateException(
                    "TemplateAssertionError", "When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.", macro.Line);
            Expression(value, soft: false);
        }

        Statements(macro.Body, soft: false, inLoop: false);
    }

    private static void Expression(JinjaExpression? expression, bool soft)
    {
        switch (expression)
        {
            case null:
                return;
            case FilterExpression filter:
                JinjaFilters.Require(filter.Name, filter.Line, soft);
                break;
            case TestExpression test:
                JinjaTests.Require(test.Name, test.Line, soft);
                break;
        }

        foreach (var part in expression.Parts)
            Expression(part, soft || expression is ConditionalExpression);
    }

    private static IEnumerable<string> TargetNames(JinjaTarget target) => target switch
    {
        NameTarget name => [name.Name],
        TupleTarget tuple => tuple.Items.SelectMany(TargetNames),
        _ => [],
    };

    private static IEnumerable<JinjaExpression?> Expressions(IEnumerable<JinjaStatement> statements) =>
        statements.SelectMany(statement => Own(statement).Concat(Expressions(Inner(statement))));

    private static IEnumerable<JinjaExpression?> Own(JinjaStatement statement) => statement switch
    {
        PrintStatement print => [print.Value],
        IfStatement chosen => chosen.Branches.Select(branch => branch.Test),
        ForStatement loop => [loop.Items, loop.Condition],
        SetStatement set => [set.Value],
        SetBlockStatement set => [set.Filter],
        MacroStatement macro => macro.Macro.Parameters.Select(parameter => parameter.Default),
        CallBlockStatement block => [block.Call, .. block.Caller.Parameters.Select(parameter => parameter.Default)],
        FilterBlockStatement filter => [filter.Filter],
        WithStatement with => with.Values.Select(value => value.Value),
        _ => [],
    };

    private static IEnumerable<JinjaStatement> Inner(JinjaStatement statement) => statement switch
    {
        IfStatement chosen => chosen.Branches.SelectMany(branch => branch.Body).Concat(chosen.Else),
        ForStatement loop => loop.Body.Concat(loop.Else),
        SetBlockStatement set => set.Body,
        MacroStatement macro => macro.Macro.Body,
        CallBlockStatement block => block.Caller.Body,
        FilterBlockStatement filter => filter.Body,
        WithStatement with => with.Body,
        GenerationStatement generation => generation.Body,
        _ => [],
    };
}
