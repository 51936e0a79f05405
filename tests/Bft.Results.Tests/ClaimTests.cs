namespace Bft.Results.Tests;

/// <summary>Verdicts of checks and claims.</summary>
public class ClaimTests
{
    private static MetricValue Value(double value, double low, double high) => Metrics.Clustering.Of(value, 300, "passages", new Interval(low, high));

    [Theory]
    [InlineData(0.030, 0.059, Outcome.Holds)]
    [InlineData(-0.015, 0.003, Outcome.Undecided)]
    [InlineData(-0.081, -0.056, Outcome.Fails)]
    [InlineData(-0.015, 0.0, Outcome.Fails)]
    [InlineData(0.0, 0.01, Outcome.Undecided)]
    public void Above_asks_the_whole_interval(double low, double high, Outcome expected) =>
        Assert.Equal(expected, Check.Above("difference is positive", Value((low + high) / 2, low, high)).Outcome);

    [Theory]
    [InlineData(0.9, 0.98, Outcome.Holds)]
    [InlineData(0.9, 1.0, Outcome.Undecided)]
    [InlineData(1.0, 1.2, Outcome.Fails)]
    public void Below_asks_the_whole_interval(double low, double high, Outcome expected) =>
        Assert.Equal(expected, Check.Below("ratio is under one", Value((low + high) / 2, low, high), 1).Outcome);

    [Fact]
    public void A_verdict_on_the_point_alone_would_be_wrong()
    {
        var value = Value(0.045, -0.010, 0.100);
        var pointVerdict = value.Value > 0 ? Outcome.Holds : Outcome.Fails;
        Assert.NotEqual(pointVerdict, Check.Above("difference is positive", value).Outcome);
        Assert.Equal(Outcome.Undecided, Check.Above("difference is positive", Metrics.Clustering.Of(0.045, 1)).Outcome);
    }

    [Fact]
    public void Checks_carry_their_numbers()
    {
        var check = Check.Above("difference is positive", Value(0.045, 0.030, 0.059));
        Assert.Equal("0.045 [0.030, 0.059] lies above 0", check.Evidence);
        Assert.Equal([("value", 0.045), ("threshold", 0), ("low", 0.030), ("high", 0.059)], check.Numbers.Select(number => (number.Name, number.Value)));
        Assert.Equal(Outcome.Fails, Check.Equal("same loss", 1.0, 1.1, 0.01).Outcome);
        Assert.Equal(Outcome.Holds, Check.Equal("same loss", 1.0, 1.1, 0.2).Outcome);
        Assert.Equal(Outcome.Fails, Check.Equal("same loss", double.NaN, 1.1, 0.2).Outcome);
        var error = Assert.Throws<ArgumentException>(() => Check.That("it works", true));
        Assert.Contains("it works", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_is_as_strong_as_its_weakest_check()
    {
        var holds = Check.That("a", true, ("n", 1));
        var fails = Check.That("b", false, ("n", 1));
        var open = Check.Undecided("c", "too few texts");
        Assert.Equal(Outcome.Holds, Claim.Of("x", holds, holds).Outcome);
        Assert.Equal(Outcome.Undecided, Claim.Of("x", holds, open).Outcome);
        Assert.Equal(Outcome.Fails, Claim.Of("x", open, fails, holds).Outcome);
        Assert.Equal(Outcome.Undecided, Claim.Of("x").Outcome);
    }

    [Fact]
    public void Claims_survive_json()
    {
        var table = ClaimTable.Of(Claim.Of("Runs are longer.", Check.Above("longer", Value(0.62, 0.01, 1.19)), Check.Undecided("same for words", "not run")));
        var json = table.ToJson();
        var back = ClaimTable.Parse(json, "cell 9");
        Assert.Equal(json, back.ToJson());
        Assert.Equal(Outcome.Undecided, back.Claims[0].Outcome);
        Assert.Equal(1.19, back.Claims[0].Checks[0].Numbers[3].Value);
        Assert.StartsWith("{\"claims\":", json.Replace("\"schema\":\"bft-claims-1\",", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("undecided: Runs are longer.", back.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_verdict_word_is_refused_with_its_place()
    {
        var json = ClaimTable.Of(Claim.Of("x", Check.That("a", true, ("n", 1)))).ToJson().Replace("\"holds\"", "\"perhaps\"", StringComparison.Ordinal);
        var error = Assert.Throws<ResultsFormatException>(() => ClaimTable.Parse(json, "cell 9"));
        Assert.Contains("cell 9: $.claims[0].checks[0].outcome", error.Message, StringComparison.Ordinal);
    }
}
