namespace Bft.Figures.Tests;

/// <summary>Series stay apart for colour-blind readers and from the ground, on light and on dark pages.</summary>
public class PaletteTests
{
    // linear RGB as a reader without one kind of cone sees it: Machado, Oliveira and Fernandes 2009, severity 1
    private static readonly Dictionary<string, double[,]> s_readers = new()
    {
        ["usual"] = new[,] { { 1.0, 0, 0 }, { 0, 1.0, 0 }, { 0, 0, 1.0 } },
        ["protanopia"] = new[,] { { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 }, { -0.003882, -0.048116, 1.051998 } },
        ["deuteranopia"] = new[,] { { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 } },
        ["tritanopia"] = new[,] { { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 }, { 0.004733, 0.691367, 0.303900 } },
    };

    /// <summary>Distance in CIELAB at which two patches are told apart without effort.</summary>
    private const double Apart = 12;

    [Theory]
    [InlineData("usual")]
    [InlineData("protanopia")]
    [InlineData("deuteranopia")]
    [InlineData("tritanopia")]
    public void Every_two_series_are_told_apart(string reader)
    {
        Assert.True(Closest([.. Palette.series.Select(pair => pair.Item1)], reader) > Apart);
        Assert.True(Closest([.. Palette.series.Select(pair => pair.Item2)], reader) > Apart);
    }

    [Fact]
    public void Red_beside_green_of_one_brightness_would_be_found()
    {
        Assert.True(Closest(["#C84B00", "#6F7F00"], "usual") > 3 * Apart);
        Assert.True(Closest(["#C84B00", "#6F7F00"], "deuteranopia") < Apart);
    }

    [Fact]
    public void Texts_and_series_stand_out_from_their_ground()
    {
        foreach (var (light, dark) in Palette.series.Select(pair => (pair.Item1, pair.Item2)))
        {
            Assert.True(Contrast(light, Palette.ground) > 2.2, light);
            Assert.True(Contrast(dark, Palette.dark[Palette.ground]) > 3, dark);
        }

        foreach (var text in new[] { Palette.text, Palette.softText })
        {
            Assert.True(Contrast(text, Palette.ground) > 7, text);
            Assert.True(Contrast(Palette.dark[text], Palette.dark[Palette.ground]) > 7, text);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Numbers_in_cells_are_legible_and_scales_run_evenly(bool diverging)
    {
        var scale = new ColorScale("v (1)", 0, 1, diverging);
        var colors = Enumerable.Range(0, 101).Select(i => i / 100.0).Select(value => (Ground: Palette.color(scale, value), Text: Palette.contrast(scale, value))).ToList();
        Assert.All(colors, pair => Assert.True(Contrast(pair.Ground, pair.Text) > 3, $"{pair.Text} on {pair.Ground}"));
        Assert.True(colors.Select(pair => pair.Ground).Distinct().Count() > 50);
        foreach (var reader in s_readers.Keys)
            Assert.True(Distance(colors[0].Ground, colors[100].Ground, reader) > 3 * Apart);
    }

    private static double Closest(string[] colors, string reader) =>
        (from i in Enumerable.Range(0, colors.Length) from j in Enumerable.Range(0, i) select Distance(colors[i], colors[j], reader)).Min();

    private static double Distance(string a, string b, string reader) =>
        Math.Sqrt(Lab(Seen(a, reader)).Zip(Lab(Seen(b, reader)), (x, y) => (x - y) * (x - y)).Sum());

    private static double[] Linear(string color) =>
        [.. new[] { 1, 3, 5 }.Select(at => Convert.ToInt32(color.Substring(at, 2), 16) / 255.0).Select(part => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4))];

    private static double[] Seen(string color, string reader)
    {
        var (rgb, matrix) = (Linear(color), s_readers[reader]);
        return [.. Enumerable.Range(0, 3).Select(row => Math.Clamp(Enumerable.Range(0, 3).Sum(column => matrix[row, column] * rgb[column]), 0, 1))];
    }

    private static double[] Lab(double[] rgb)
    {
        var x = (0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505;
        var y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
        var z = (0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089;
        return [116 * Bent(y) - 16, 500 * (Bent(x) - Bent(y)), 200 * (Bent(y) - Bent(z))];
    }

    private static double Bent(double part) => part > 0.008856 ? Math.Cbrt(part) : 7.787 * part + 16.0 / 116;

    private static double Contrast(string a, string b)
    {
        double[] light = [.. new[] { a, b }.Select(Linear).Select(rgb => 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]).Order()];
        return (light[1] + 0.05) / (light[0] + 0.05);
    }
}
