using System.Text.RegularExpressions;
using Bft.Tests;

namespace Bft.Research.Tests.Equivalence;

/// <summary>What must not matter does not, beyond rounding; what would be a bug is found by the same measure. It takes longer than other classes, for it is nine classes by five objectives by three dtypes.</summary>
public partial class EquivalenceTests
{
    private static readonly string s_page = Path.Combine(Checkout.Root, "docs", "equivalence.md");

    public static TheoryData<string, torch.ScalarType> Classes => Every(Setting.Dtypes);

    public static TheoryData<string, torch.ScalarType> SharpClasses => Every(EquivalenceTable.Sharp);

    [Theory]
    [MemberData(nameof(Classes))]
    public void Ways_agree_with_the_oracle(string name, torch.ScalarType dtype)
    {
        foreach (var way in Class(name).Same)
            foreach (var setting in Setting.Of(dtype))
            {
                var measured = EquivalenceTable.Measure(way, setting);
                Assert.True(measured.Within(setting.Bound), $"{way.Name}, {setting.Name}: {measured}");
            }
    }

    [Theory]
    [MemberData(nameof(SharpClasses))]
    public void Wrong_ways_are_found_by_their_gradients(string name, torch.ScalarType dtype)
    {
        foreach (var wrong in Class(name).Wrong)
            foreach (var setting in Setting.Of(dtype).Where(wrong.Concerns))
            {
                var measured = EquivalenceTable.Measure(wrong, setting);
                Assert.True(EquivalenceTable.Times(measured.Gradients) > 10, $"{wrong.Name}, {setting.Name}: {measured}");
            }
    }

    [Fact]
    public void The_mean_residual_sees_a_factor_that_the_largest_deviation_does_not()
    {
        double[] truth = [.. Enumerable.Range(0, 1000).Select(i => Math.Sin(i))];
        double[] rounded = [.. truth.Select((value, i) => value * (1 + 1e-3 * Math.Cos(7 * i)))], scaled = [.. truth.Select(value => value * (1 + 1e-3))];
        var (noise, factor) = (Deviation.Of([(truth, rounded)]), Deviation.Of([(truth, scaled)]));
        Assert.InRange(factor.Largest / noise.Largest, 0.9, 1.1); // the same to the largest deviation
        Assert.InRange(factor.Mean, 0.9e-3, 1.1e-3);
        Assert.True(Math.Abs(noise.Mean) < 1e-5, $"{noise}");
        Assert.Equal(double.PositiveInfinity, Deviation.Of([(truth, [.. truth.Select(_ => double.NaN)])]).Largest);
    }

    [Fact]
    public void The_page_has_a_row_for_everything_that_is_measured() => Assert.Equal(Number().Replace(EquivalenceTable.Page(), "#"), Number().Replace(File.ReadAllText(s_page), "#"));

    [Fact(Explicit = true)]
    public void Write_the_page() => File.WriteAllText(s_page, EquivalenceTable.Page());

    private static TheoryData<string, torch.ScalarType> Every(IEnumerable<torch.ScalarType> dtypes) =>
        new(EquivalenceClasses.All.SelectMany(kind => dtypes.Select(dtype => (kind.Name, dtype))));

    private static EquivalenceClass Class(string name) => EquivalenceClasses.All.Single(kind => kind.Name == name);

    [GeneratedRegex(@"[0-9][0-9.,]*(e[+-]?[0-9]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
