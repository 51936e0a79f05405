using System.Text.Json;
using Bft.Research.Tokenization;

namespace Bft.Research.Tests.Templates;

/// <summary>Expected texts follow from the rules of Jinja 3.1 and Python 3 that each line names.</summary>
public class JinjaTests
{
    private const string Variables = """
        {"xs": ["a", "b", "c"], "n": 3, "f": 2.5, "t": true, "none": null, "d": {"k": "v", "n": {"m": 1}}, "s": "  Hello World  ", "e": "", "h": "<b>",
         "msgs": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}], "emoji": "a😀b", "nested": [[1, 2], [3, [4]]]}
        """;

    private static string Render(string template)
    {
        using var variables = JsonDocument.Parse(Variables);
        var values = variables.RootElement.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, PyJson.Read(property.Value)));
        return JinjaInterpreter.Render(JinjaParser.Parse(template), [.. JinjaGlobals.All(TimeProvider.System), .. values]).Text;
    }

    [Theory]
    [InlineData("{{ xs }}{{ d }}{{ (1,) }}{{ none }}{{ t }}", "['a', 'b', 'c']{'k': 'v', 'n': {'m': 1}}(1,)NoneTrue")]
    [InlineData("{{ 1e16 }} {{ 1e15 }} {{ 1e-5 }} {{ 1e23 }} {{ 0.1 + 0.2 }} {{ -0.0 }}", "1e+16 1000000000000000.0 1e-05 1e+23 0.30000000000000004 -0.0")]
    [InlineData("{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** -1 }} {{ 10 ** 20 }} {{ -7.5 // 2 }}", "-4 2 3.5 0.5 100000000000000000000 -4.0")]
    [InlineData("{{ 1 < 2 < 3 }}{{ 1 < 3 < 2 }}{{ 1 == 1.0 == true }}{{ 'b' in xs }}{{ 4 not in [1] }}", "TrueFalseTrueTrueTrue")]
    [InlineData("{{ 2.5 | round }}{{ 3.5 | round }}{{ 2.675 | round(2) }}{{ '%.2f' % 0.125 }}{{ '%5.1e|%-4d|%+d' % (12345, 7, 7) }}", "2.04.02.670.121.2e+04|7   |+7")]
    [InlineData("{{ '{:>6}|{:^7.2f}|{0}'.replace('{0}', '') .format('ab', 3.14159) }}", "    ab| 3.14  |")]
    [InlineData("{{ 'ß' | upper }}{{ 'ΟΔΟΣ' | lower }}{{ \"it's a-b\" | title }}{{ 'hELLO' | capitalize }}", "SSοδοςIt's A-BHello")]
    [InlineData("{{ emoji | length }}{{ emoji[1] }}{{ emoji[::-1] }}{{ emoji.find('b') }}", "3😀b😀a2")]
    [InlineData("{{ ['B', 'a', 'c'] | sort }}{{ ['B', 'a'] | sort(case_sensitive=true) }}{{ msgs | map(attribute='role') | join(',') }}", "['a', 'B', 'c']['B', 'a']user,assistant")]
    [InlineData("{{ d | tojson }}{{ ['é', 1.0, none] | tojson }}{{ {'a': [1]} | tojson(indent=1) }}", "{\"k\": \"v\", \"n\": {\"m\": 1}}[\"é\", 1.0, null]{\n \"a\": [\n  1\n ]\n}")]
    [InlineData("{{ ' a  b '.split() }}{{ 'a,b,,c'.split(',', 1) }}{{ 'x  y '.split(maxsplit=1) }}{{ 'a\\nb\\r\\nc'.splitlines() }}", "['a', 'b']['a', 'b,,c']['x', 'y ']['a', 'b', 'c']")]
    [InlineData("{{ h | e }}{{ h | e | e }}{{ h | safe }}", "&lt;b&gt;&lt;b&gt;<b>")]
    [InlineData("{{ missing }}{{ missing | default('x') }}{{ e | default('x') }}{{ e | default('x', true) }}{{ 'y' if e }}", "xx")]
    [InlineData("{{ 'a\\x41\\u00e9\\101\\q\\'' }}", "aAéA\\q'")]
    [InlineData("{{ ' ' + s | trim }}|{{ -n ** 2 }}{{ 2 ** 3 ** 2 }}", " Hello World|964")]
    public void Expressions_are_pythons(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{% for x in xs if x != 'b' %}{{ loop.index }}{{ x }}{{ loop.last }}{% endfor %}", "1aFalse2cTrue")]
    [InlineData("{% for x in xs %}{% continue %}{% else %}E{% endfor %}", "E")] // no pass reached the end of the body
    [InlineData("{% set a = 1 %}{% for x in xs %}{% set a = a + 1 %}{% endfor %}{{ a }}", "1")]
    [InlineData("{% set ns = namespace(a=1) %}{% for x in xs %}{% set ns.a = ns.a + 1 %}{% endfor %}{{ ns.a }}", "4")]
    [InlineData("{% set ns = namespace(f=false) %}{% for x in xs if not ns.f %}{{ x }}{% set ns.f = true %}{% endfor %}", "a")] // the condition is asked item by item
    [InlineData("{% macro m() %}{{ a }}{% endmacro %}{% set a = 2 %}{{ m() }}", "2")]
    [InlineData("{% macro m(x, y=x) %}{{ x }}{{ y }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }}{{ m(1, 2, 3, z=4) }}", "11(){}12(3,){'z': 4}")]
    [InlineData("{% macro m(x) %}[{{ caller(x) }}]{% endmacro %}{% call(y) m(5) %}in{{ y }}{% endcall %}", "[in5]")]
    [InlineData("{% for x in nested recursive %}{{ x if x is number else '[' ~ loop(x) ~ ']' }}{% endfor %}", "[12][3[4]]")]
    [InlineData("{% set a, b = 1, 2 %}{% with c = a %}{{ a }}{{ b }}{{ c }}{% endwith %}{{ c }}", "121")]
    [InlineData("{% filter upper | replace('B', 'q') %}ab{% endfilter %}{% set z | trim %} x {% endset %}{{ z }}", "Aqx")]
    [InlineData("{% if e %}{{ n | nosuch }}{% endif %}ok", "ok")] // never reached
    public void Statements_are_jinjas(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n  {% if t %}\n  b\n  {% endif %}\nc", "a\n  b\nc")]
    [InlineData("a  {% if t %}\nb{% endif %}", "a  b")] // not at the start of a line
    [InlineData("  {%+ if t +%}\nb{% endif %}", "  \nb")]
    [InlineData("a \n {%- if t -%} \n b {% endif %}", "ab ")]
    [InlineData("  {{- n -}}  x\n", "3x")]
    [InlineData("{{ n }}\n\n", "3\n")]
    [InlineData("x {#- c -#} y{# c #}\nz", "xyz")]
    [InlineData("{% raw %}{{ x }}{% endraw %}\n|\r\n|", "{{ x }}|\n|")]
    public void White_space_follows_trim_blocks_and_lstrip_blocks(string template, string expected)
    {
        Assert.Equal(expected, Render(template));
        if (template.StartsWith("a\n  {% if", StringComparison.Ordinal))
            Assert.NotEqual("a\n  \n  b\n  \nc", Render(template)); // the wrong variant: white space around tags kept
    }

    [Theory]
    [InlineData("\n{% if %}", "TemplateSyntaxError", 2)]
    [InlineData("{% foo %}", "TemplateSyntaxError", 1)]
    [InlineData("{{ (1] }}", "TemplateSyntaxError", 1)]
    [InlineData("{{ 'a }}", "TemplateSyntaxError", 1)]
    [InlineData("{% for x in xs %}", "TemplateSyntaxError", 1)]
    [InlineData("\n\n{{ xs | nosuch }}", "TemplateAssertionError", 3)]
    [InlineData("{% if t %}\n{{ n | nosuch }}{% endif %}", "TemplateRuntimeError", 2)]
    [InlineData("{% break %}", "SyntaxError", 1)]
    [InlineData("x\n{{ missing.x }}", "UndefinedError", 2)]
    [InlineData("{{ missing() }}", "UndefinedError", 1)]
    [InlineData("{{ 1 / 0 }}", "ZeroDivisionError", 1)]
    [InlineData("{{ 'a' + 1 }}", "TypeError", 1)]
    [InlineData("{{ [1, 'a'] | sort }}", "TypeError", 1)]
    [InlineData("{{ xs.append(1) }}", "SecurityError", 1)]
    [InlineData("{{ ''.__class__.x }}", "SecurityError", 1)]
    [InlineData("{% set a, b = 1, 2, 3 %}", "ValueError", 1)]
    [InlineData("{% set n.a = 1 %}", "TemplateRuntimeError", 1)]
    [InlineData("{{ range(1000000) }}", "OverflowError", 1)]
    [InlineData("{{ raise_exception('boom') }}", "TemplateError", 1)]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "RecursionError", 1)]
    public void Errors_have_the_class_of_the_reference_and_a_line(string template, string errorClass, int line)
    {
        var error = Assert.Throws<TemplateException>(() => Render(template));
        Assert.Equal((errorClass, (int?)line), (error.ErrorClass, errorClass == "RecursionError" ? line : error.Line));
    }

    [Theory]
    [InlineData("\n{% include 'x' %}", "NotSupported: line 2: the tag 'include' is not supported")]
    [InlineData("{{ xs | random }}", "NotSupported: line 1: the filter 'random' is not supported")]
    [InlineData("{{ 'a'.encode() }}", "NotSupported: line 1: the method str.encode is not supported")]
    [InlineData("{{ 9 ** 99999999999 }}", "NotSupported: line 1: a result of size")]
    public void What_is_not_known_is_refused_by_name_and_line(string template, string message) =>
        Assert.StartsWith(message, Assert.Throws<TemplateException>(() => Render(template)).Message);
}
