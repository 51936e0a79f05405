namespace Bft.Results.Tests;

/// <summary>Run manifests: bytes, round trip, errors.</summary>
public class RunManifestTests
{
    private sealed record Inner(double LearningRate, int Steps);

    private sealed record Outer(string Name, Inner Optimizer, double? Clip);

    private static RunManifest Example() => new()
    {
        Name = "bft-v3",
        Profile = "mini",
        Seed = 7,
        Device = "CPU, 2 cores",
        WallSeconds = 12.5,
        Model = new ContentIdentity("tiny", new string('a', 64)),
        Data = [new ContentIdentity("facts", new string('0', 64))],
        Options = RunManifest.FlattenOptions(new Outer("x", new Inner(2e-4, 40), null)),
        Versions = new Dictionary<string, string> { ["TorchSharp"] = "0.107.0", ["Bft.Research"] = "0.1.0" },
        Metrics = [new MetricRow("held-out", Metrics.Nll.Of(2.93, 60, "answers", new Interval(2.8, 3.1)))],
        Curves = [Curve.OfRuns("loss", "step", "loss (nats)", [1, 2], [[3, 2], [5, 3]])],
    };

    [Fact]
    public void Options_become_dotted_names() =>
        Assert.Equal(
            new Dictionary<string, string> { ["name"] = "x", ["optimizer.learningRate"] = "0.0002", ["optimizer.steps"] = "40" },
            RunManifest.FlattenOptions(new Outer("x", new Inner(2e-4, 40), null)));

    [Fact]
    public void A_manifest_survives_a_file_with_the_same_bytes()
    {
        var path = Path.Combine(Path.GetTempPath(), $"bft-manifest-{Guid.NewGuid():N}", "run.json");
        try
        {
            Example().Write(path);
            var back = RunManifest.Read(path);
            Assert.Equal(File.ReadAllText(path), back.ToJson());
            Assert.Equal([4, 2.5], back.Curves[0].Y);
            Assert.Equal([3, 2], back.Curves[0].Low!);
            Assert.Equal(2.93, back.Metrics[0].Ours.Value);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void Keys_are_in_order_whatever_the_order_of_insertion()
    {
        var shuffled = Example() with { Versions = new Dictionary<string, string> { ["Bft.Research"] = "0.1.0", ["TorchSharp"] = "0.107.0" } };
        Assert.Equal(Example().ToJson(), shuffled.ToJson());
        Assert.StartsWith("{\n  \"schema\": \"bft-run-1\",\n  \"name\": \"bft-v3\",", Example().ToJson(), StringComparison.Ordinal);
        Assert.NotEqual(Example().ToJson(), (Example() with { Seed = 8 }).ToJson());
    }

    [Fact]
    public void Everything_wrong_is_reported_at_once()
    {
        var bad = Example() with
        {
            Name = " ",
            WallSeconds = double.NaN,
            Model = new ContentIdentity("tiny", "abc"),
            Metrics = [new MetricRow("x", new MetricValue("acuracy", 1, 1))],
            Curves = [new Curve("loss", "step", "nats", [1, 2], [1], [0, 0])],
        };
        Assert.Equal(
        [
            "Name is empty.", "WallSeconds is NaN, expected ≥ 0.", "Sha256 of 'tiny' is 'abc', expected 64 lower-case hexadecimal digits.",
            "Metric 'acuracy' is not registered.", "Curve 'loss': Y has 1 values, X has 2.", "Curve 'loss': a band needs both Low and High.",
        ], bad.Validate());
        Assert.Empty(Example().Validate());
        Assert.Contains("acuracy", Assert.Throws<InvalidOperationException>(bad.ToJson).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"seed\": 7,", "", "'seed'")]
    [InlineData("\"seed\": 7,", "\"seed\": \"seven\",", "$.seed")]
    [InlineData("\"seed\": 7,", "\"seed\": 7, \"sead\": 8,", "'sead'")]
    [InlineData("bft-run-1", "bft-run-9", "expected 'bft-run-1', found 'bft-run-9'")]
    [InlineData("\"nll\"", "\"nil\"", "Metric 'nil' is not registered")]
    public void A_broken_file_is_refused_with_file_and_field(string old, string replacement, string expected)
    {
        var json = Example().ToJson();
        Assert.Contains(old, json, StringComparison.Ordinal);
        var error = Assert.Throws<ResultsFormatException>(() => RunManifest.Parse(json.Replace(old, replacement, StringComparison.Ordinal), "run.json"));
        Assert.StartsWith("run.json: $", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_of_unequal_length_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Curve.OfRuns("loss", "step", "nats", [1, 2], [[1, 2], [1]]));
        Assert.Contains("[2, 1]", error.Message, StringComparison.Ordinal);
        Assert.Null(Curve.OfRuns("loss", "step", "nats", [1, 2], [[1, 2]]).Low);
    }
}
