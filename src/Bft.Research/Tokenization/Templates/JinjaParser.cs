namespace Bft.Research.Tokenization;

/// <summary>Reads the statements of a template. What Jinja has and chat templates do not use (blocks, inheritance, includes) is refused by name.</summary>
internal sealed partial class JinjaParser
{
    private static readonly string[] s_refused = ["block", "extends", "include", "import", "from", "autoescape"];
    private static readonly string[] s_constants = ["true", "false", "none", "True", "False", "None"];
    private readonly List<JinjaToken> _tokens;
    private int _at;

    private JinjaParser(List<JinjaToken> tokens) => _tokens = tokens;

    private JinjaToken Current => _tokens[_at];

    private JinjaToken Following => _tokens[Math.Min(_at + 1, _tokens.Count - 1)];

    /// <summary>Reads and checks a template.</summary>
    /// <exception cref="TemplateException">TemplateSyntaxError, TemplateAssertionError, or a refusal; with the line.</exception>
    public static IReadOnlyList<JinjaStatement> Parse(string source)
    {
        var parser = new JinjaParser(JinjaLexer.Tokens(source));
        var statements = parser.Statements();
        if (parser.Current.Kind != JinjaTokenKind.End)
            throw TemplateException.Syntax($"Encountered unknown tag '{parser.Current.Text}'.", parser.Current.Line);
        JinjaChecker.Check(statements);
        return statements;
    }

    private JinjaToken Take() => _at < _tokens.Count - 1 ? _tokens[_at++] : Current;

    private JinjaToken Expect(JinjaTokenKind kind, string what) =>
        Current.Kind == kind ? Take() : throw Fail($"expected token '{what}', got '{Current.Description}'");

    private JinjaToken ExpectName() => Expect(JinjaTokenKind.Name, "name");

    private void ExpectOperator(string op)
    {
        if (!SkipOperator(op))
            throw Fail($"expected token '{op}', got '{Current.Description}'");
    }

    private void ExpectKeyword(string name)
    {
        if (!SkipName(name))
            throw Fail($"expected token '{name}', got '{Current.Description}'");
    }

    private bool SkipOperator(string op)
    {
        if (!Current.IsOperator(op))
            return false;
        Take();
        return true;
    }

    private bool SkipName(string name)
    {
        if (!Current.IsName(name))
            return false;
        Take();
        return true;
    }

    private TemplateException Fail(string detail, int? line = null) => TemplateException.Syntax(detail, line ?? Current.Line);

    /// <summary>Statements up to a tag that is one of <paramref name="ends"/>, which stays the current token.</summary>
    private List<JinjaStatement> Statements(params string[] ends)
    {
        var statements = new List<JinjaStatement>();
        using var depth = Deeper();
        while (Current.Kind != JinjaTokenKind.End)
        {
            var token = Take();
            switch (token.Kind)
            {
                case JinjaTokenKind.Data:
                    statements.Add(new TextStatement(token.Text, token.Line));
                    break;
                case JinjaTokenKind.PrintBegin:
                    statements.Add(new PrintStatement(Tuple(), token.Line));
                    Expect(JinjaTokenKind.PrintEnd, "end of print statement");
                    break;
                default:
                    if (ends.Any(Current.IsName))
                        return statements;
                    statements.AddRange(Statement());
                    Expect(JinjaTokenKind.BlockEnd, "end of statement block");
                    break;
            }
        }

        if (ends.Length > 0)
            throw Fail($"Unexpected end of template. Jinja was looking for the following tags: {string.Join(" or ", ends.Select(end => $"'{end}'"))}.");
        return statements;
    }

    /// <summary>The body of a tag: the end of the tag, then statements up to one of <paramref name="ends"/>.</summary>
    private List<JinjaStatement> Body(params string[] ends)
    {
        SkipOperator(":");
        Expect(JinjaTokenKind.BlockEnd, "end of statement block");
        return Statements(ends);
    }

    private List<JinjaStatement> BodyTo(string end)
    {
        var body = Body(end);
        Take();
        return body;
    }

    private IEnumerable<JinjaStatement> Statement()
    {
        if (Current.Kind != JinjaTokenKind.Name)
            throw Fail("tag name expected");
        var tag = Take();
        return tag.Text switch
        {
            "for" => [For(tag.Line)],
            "if" => [If(tag.Line)],
            "set" => [Set(tag.Line)],
            "macro" => [Macro(tag.Line)],
            "call" => [CallBlock(tag.Line)],
            "filter" => [new FilterBlockStatement((FilterExpression)Filters(null, startsInline: true)!, BodyTo("endfilter"), tag.Line)],
            "with" => [With(tag.Line)],
            "print" => Print(tag.Line),
            "generation" => [new GenerationStatement(BodyTo("endgeneration"), tag.Line)],
            "break" => [new JumpStatement(true, tag.Line)],
            "continue" => [new JumpStatement(false, tag.Line)],
            _ when s_refused.Contains(tag.Text) => throw new TemplateException(TemplateException.NotSupported, $"the tag '{tag.Text}' is not supported", tag.Line),
            _ => throw Fail($"Encountered unknown tag '{tag.Text}'.", tag.Line),
        };
    }

    private List<JinjaStatement> Print(int line)
    {
        var printed = new List<JinjaStatement>();
        while (Current.Kind != JinjaTokenKind.BlockEnd)
        {
            if (printed.Count > 0)
                ExpectOperator(",");
            printed.Add(new PrintStatement(Expression(), line));
        }

        return printed;
    }

    private ForStatement For(int line)
    {
        var target = Target(endsAt: "in");
        ExpectKeyword("in");
        var items = Tuple(withConditional: false, endsAt: "recursive");
        var condition = SkipName("if") ? Expression() : null;
        var recursive = SkipName("recursive");
        var body = Body("endfor", "else");
        var otherwise = Take().Text == "else" ? BodyTo("endfor") : [];
        return new(target, items, condition, recursive, body, otherwise, line);
    }

    private IfStatement If(int line)
    {
        var branches = new List<(JinjaExpression, IReadOnlyList<JinjaStatement>)>();
        while (true)
        {
            var test = Tuple(withConditional: false);
            branches.Add((test, Body("elif", "else", "endif")));
            var next = Take().Text;
            if (next != "elif")
                return new(branches, next == "else" ? BodyTo("endif") : [], line);
        }
    }

    private JinjaStatement Set(int line)
    {
        var target = Target(withNamespace: true);
        if (SkipOperator("="))
            return new SetStatement(target, Tuple(), line);
        var filter = Filters(null) as FilterExpression;
        return new SetBlockStatement(target, filter, BodyTo("endset"), line);
    }

    private MacroStatement Macro(int line)
    {
        var name = PlainTarget();
        return new(new(name, Parameters(), BodyTo("endmacro"), line), line);
    }

    private CallBlockStatement CallBlock(int line)
    {
        var parameters = Current.IsOperator("(") ? Parameters() : [];
        var call = Expression() as CallExpression ?? throw Fail("expected call", line);
        return new(call, new(null, parameters, BodyTo("endcall"), line), line);
    }

    private WithStatement With(int line)
    {
        var values = new List<(JinjaTarget, JinjaExpression)>();
        while (Current.Kind != JinjaTokenKind.BlockEnd)
        {
            if (values.Count > 0)
                ExpectOperator(",");
            var target = Target();
            ExpectOperator("=");
            values.Add((target, Expression()));
        }

        return new(values, BodyTo("endwith"), line);
    }
}
