using System.Globalization;

namespace Bft.Figures.Tests;

/// <summary>Ticks are round, evenly spaced, inside their range and labelled with their own value.</summary>
public class TicksTests
{
    [Fact]
    public void Linear_ticks_over_many_ranges()
    {
        var random = new Random(11);
        for (var round = 0; round < 500; round++)
        {
            var low = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-4, 6));
            var high = low + Math.Pow(10, random.NextDouble() * 8 - 4);
            var ticks = Ticks.linear(5, low, high);
            Assert.InRange(ticks.Length, 1, 12);
            Assert.All(ticks, tick => Assert.InRange(tick.Item1, low - (high - low) * 1e-6, high + (high - low) * 1e-6));
            var steps = ticks.Zip(ticks.Skip(1), (a, b) => b.Item1 - a.Item1).ToList();
            Assert.All(steps, step => Assert.Equal(steps[0], step, Math.Abs(steps[0]) * 1e-3));
            Assert.All(ticks, tick => Assert.True(Math.Abs(double.Parse(tick.Item2, CultureInfo.InvariantCulture) - tick.Item1) <= 1e-3 * (high - low) + 1e-3 * Math.Abs(tick.Item1)));
            Assert.Equal(ticks.Length, ticks.Select(tick => tick.Item2).Distinct().Count());
        }
    }

    [Fact]
    public void Logarithmic_ticks_are_powers_of_ten_or_their_doubles_and_halves()
    {
        Assert.Equal(["0.2", "0.5", "1", "2", "5"], Ticks.log(5, 0.15, 6).Select(tick => tick.Item2));
        Assert.Equal(["0.001", "0.01", "0.1", "1", "10"], Ticks.log(5, 0.0005, 20).Select(tick => tick.Item2));
        Assert.DoesNotContain(Ticks.log(5, 0.15, 6), tick => tick.Item1 is < 0.15 or > 6);
    }

    [Fact]
    public void Rounding_the_label_to_one_digit_would_repeat_it()
    {
        var ticks = Ticks.linear(5, 3.30, 3.36);
        var oneDigit = ticks.Select(tick => tick.Item1.ToString("F1", CultureInfo.InvariantCulture));
        Assert.True(oneDigit.Distinct().Count() < ticks.Length);
        Assert.Equal(ticks.Length, ticks.Select(tick => tick.Item2).Distinct().Count());
    }
}
