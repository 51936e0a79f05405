namespace Bft.Results.Tests;

/// <summary>How numbers become text.</summary>
public class NumberTextTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.30612, "0.3061")]
    [InlineData(-3.14159, "-3.142")]
    [InlineData(12345.6, "12346")]
    [InlineData(999999.9, "1000000")]
    [InlineData(0.000012346, "1.235e-5")]
    [InlineData(2.5e7, "2.5e+7")]
    [InlineData(double.NaN, "NaN")]
    public void Significant_digits(double value, string expected) => Assert.Equal(expected, NumberText.Significant(value));

    [Theory]
    [InlineData(1.23456789, 6, 1.23457)]
    [InlineData(-123456789, 6, -123457000)]
    [InlineData(1e-300, 6, 1e-300)]
    public void Rounding_keeps_significant_digits(double value, int digits, double expected) => Assert.Equal(expected, NumberText.Round(value, digits));

    [Fact]
    public void Rounding_stays_within_half_a_unit_of_the_last_digit_and_a_digit_less_does_not()
    {
        var random = new Random(1);
        var worse = 0;
        for (var i = 0; i < 1000; i++)
        {
            var value = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 8));
            Assert.True(Math.Abs(NumberText.Round(value) - value) <= 5e-6 * Math.Abs(value));
            if (Math.Abs(NumberText.Round(value, 5) - value) > 5e-6 * Math.Abs(value))
                worse++;
        }

        Assert.True(worse > 500, $"five digits passed as six in {1000 - worse} of 1000 cases");
    }

    [Fact]
    public void Precision_follows_the_interval()
    {
        Assert.Equal(("0.306", "[0.300, 0.312]"), NumberText.Measured(0.3061234, new Interval(0.2999, 0.3121)));
        Assert.Equal(("12.3", "[11.2, 13.9]"), NumberText.Measured(12.345, new Interval(11.234, 13.876)));
        Assert.Equal(("1235", "[1000, 1500]"), NumberText.Measured(1234.6, new Interval(1000, 1500)));
        Assert.Equal(("0.5000", "[0.5, 0.5]") with { Item1 = "0.5" }, NumberText.Measured(0.5, new Interval(0.5, 0.5)));
        Assert.Equal(("0.1235", ""), NumberText.Measured(0.123456, null));
    }
}
