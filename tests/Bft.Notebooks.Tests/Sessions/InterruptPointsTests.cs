using Bft.Notebooks.Engine;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>Checks are put where a program can turn, and nothing else changes.</summary>
public class InterruptPointsTests
{
    private const string Check = "global::Bft.Notebooks.Cells.StopSignal.Check();";

    [Theory]
    [InlineData("while (a) b();", 1)]
    [InlineData("for (;;) ;", 1)]
    [InlineData("foreach (var (x, y) in z) { foreach (var q in x) q(); }", 2)]
    [InlineData("do { } while (a);", 1)]
    [InlineData("again: goto again;", 1)]
    [InlineData("Action f = () => { };", 1)]
    [InlineData("void F() { }", 1)]
    [InlineData("class C { int M() { return 1; } async Task N() { } }", 2)]
    [InlineData("var x = 1; if (x > 0) { x++; }", 0)]
    [InlineData("Func<int, int> f = x => x + 1;", 0)]
    [InlineData("async Task F() => await G();", 0)]
    [InlineData("while (", 0)]
    public void Loops_and_functions_get_a_check(string code, int count)
    {
        var points = Of(code);
        Assert.Equal(count, points.Code.Split(Check).Length - 1);
        Assert.Equal(code.Count(c => c == '\n'), points.Code.Count(c => c == '\n'));
    }

    [Fact]
    public void A_function_that_is_an_expression_keeps_its_value() =>
        Assert.Equal("int F(int n) =>  global::Bft.Notebooks.Cells.StopSignal.Pass ? (n + 1) : throw null;", Of("int F(int n) => n + 1;").Code);

    [Theory]
    [InlineData("(a)", "(a)")]
    [InlineData("while", "while")]
    [InlineData("c()", "c()")]
    [InlineData("h()", "h()")]
    [InlineData("g;", "g)")]
    public void A_place_is_found_again(string written, string compiled)
    {
        const string Code = "for (;;) if (a) while (b) c(); else { Action d = () => { h(); }; }\nint F() => g;";
        var points = Of(Code);
        Assert.Equal(Code.IndexOf(written, StringComparison.Ordinal), points.Original(points.Code.IndexOf(compiled, StringComparison.Ordinal)));
        Assert.NotEqual(Code.IndexOf(written, StringComparison.Ordinal), points.Code.IndexOf(compiled, StringComparison.Ordinal)); // it had moved
    }

    [Fact]
    public void Statements_of_the_cell_tell_their_line_and_those_of_other_files_do_not()
    {
        const string Code = "using System;\nvar x = 1;\nif (x > 0)\n    x++;\nint F() { return 2; }\nF()";
        Assert.Equal(["4", "5", "8"], Of("#line 3 \"cell7\"\n" + Code).Code.Split("StopSignal.At(")[1..].Select(rest => rest[..rest.IndexOf(')')]));
        Assert.DoesNotContain("StopSignal.At(", Of("#line 3 \"other.csx\"\n" + Code).Code, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Func<int, int> f = x => x + 1;", "x =>  global::Bft.Notebooks.Cells.StopSignal.Pass ? (x + 1) : throw null;")]
    [InlineData("Action f = () => n++;", "() => n++;")]
    [InlineData("Action<int> f = x => n = x;", "x => n = x;")]
    [InlineData("F(async () => await g);", "async () => await g")]
    public void A_lambda_that_is_an_expression_is_checked_where_it_gives_a_value(string code, string lambda)
    {
        var points = Of(code, inLambdas: true);
        Assert.Contains(lambda, points.Code);
        Assert.Equal(points.Code != code, points.HasLambdas);
        Assert.Equal(code, Of(code).Code);
    }

    private static InterruptPoints Of(string code, bool inLambdas = false) =>
        InterruptPoints.Of(code, new CSharpParseOptions(LanguageVersion.Latest, kind: SourceCodeKind.Script), inLambdas);
}
