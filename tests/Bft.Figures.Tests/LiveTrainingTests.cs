using System.Text.Json;

namespace Bft.Figures.Tests;

/// <summary>The figure that follows a run: when it is drawn, what it ends as, and what there is without a notebook.</summary>
public class LiveTrainingTests
{
    private const string Label = "NLL (nats per token)";

    private static TrainingSnapshot At(int step, int steps = 100, int points = 0, string speed = "318 tokens/s, 1.5 GB", double? left = 62)
    {
        double[] x = [.. Enumerable.Range(1, points == 0 ? step : points).Select(i => (double)i)];
        Curve Of(string name, string label, Func<double, double> value) => new(name, "Optimiser step (1)", label, x, [.. x.Select(value)]);
        return new(
            step, steps, [Of("training batches", Label, i => 3 / i + 0.1 * Math.Sin(i * 1.7)), new("held out", "Optimiser step (1)", Label, [0, step], [2.5, 1.5])],
            Of("loss", "Weighted loss (nats)", i => 0.4 / i), Of("learning rate", "Learning rate (1)", i => 1e-4 * i), speed, left);
    }

    [Fact]
    public void It_is_drawn_at_most_once_an_interval_and_at_the_last_step()
    {
        var time = new Clock();
        List<string> shown = [], updated = [];
        var live = LiveTraining.Show(figure => { shown.Add(figure.Caption); return next => updated.Add(next.Caption); }, time: time);
        IProgress<TrainingSnapshot> progress = live;
        Assert.Null(live.Finish()); // nothing yet, and no error
        progress.Report(At(1));
        Assert.StartsWith("░░░░░░░░░░░░░░░░░░░░ 1 of 100 steps; NLL: training batches 3.099, held out 1.5; 318 tokens/s, 1.5 GB; 00:01:02 left", Assert.Single(shown));
        time.Advance(0.5);
        progress.Report(At(2));
        Assert.Empty(updated); // the wrong variant draws every step
        time.Advance(0.6);
        progress.Report(At(50));
        Assert.StartsWith("██████████░░░░░░░░░░ 50 of 100 steps", Assert.Single(updated));
        progress.Report(At(100));
        Assert.Equal(2, updated.Count);
        Assert.Same(live.Finish()!.Caption, updated[^1]);
        Assert.Single(shown);
    }

    [Fact]
    public void The_finished_figure_is_small_and_knows_no_clock()
    {
        Figure Finished(string speed, double? left, double interval)
        {
            var live = LiveTraining.Show(_ => _ => { }, interval: interval);
            IProgress<TrainingSnapshot> progress = live;
            for (var step = 1; step <= 100; step++)
                progress.Report(At(step, points: 129, speed: speed, left: left));
            return live.Finish()!;
        }

        var figure = Finished("318 tokens/s", 1, 0);
        var other = Finished("17 tokens/s", null, 100);
        Assert.Equal((figure.PlotlyJson, figure.Html, figure.PlainText), (other.PlotlyJson, other.Html, other.PlainText));
        Assert.DoesNotContain("tokens/s", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("held out 2.5 to 1.5", figure.Caption, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(figure.PlotlyJson);
        Assert.Equal(4, json.RootElement.GetProperty("data").GetArrayLength());
        var bytes = figure.Html.Length + figure.PlainText.Length; // what a notebook keeps
        Assert.True(bytes <= 40_000, $"{bytes} characters");
    }

    [Fact]
    public void Without_a_notebook_it_is_a_line_of_text()
    {
        var time = new Clock();
        var text = new StringWriter();
        var live = LiveTraining.Write(text, time: time);
        IProgress<TrainingSnapshot> progress = live;
        progress.Report(At(1, steps: 0, left: null));
        progress.Report(At(2));
        time.Advance(11);
        progress.Report(At(99, left: 90_000));
        progress.Report(At(100, left: 0));
        Assert.Equal(
            ["1 steps; NLL: training batches 3.099, held out 1.5; 318 tokens/s, 1.5 GB", "99 of 100 steps", "100 of 100 steps"],
            text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) => i == 0 ? line : line.TrimStart('█', '░', ' ')[..line.TrimStart('█', '░', ' ').IndexOf(';')]));
        Assert.Contains("1 d 1 h left", text.ToString(), StringComparison.Ordinal);
        Assert.NotNull(live.Finish());
    }

    [Fact]
    public void Numbers_that_cannot_be_drawn_wait()
    {
        List<Figure> shown = [];
        var live = LiveTraining.Show(figure => { shown.Add(figure); return _ => { }; }, interval: 0);
        IProgress<TrainingSnapshot> progress = live;
        progress.Report(At(0) with { Loss = new("loss", "Optimiser step (1)", "Weighted loss (nats)", [], []) }); // measured before the first step
        Assert.Empty(shown);
        progress.Report(At(1));
        Assert.Single(shown);
    }

    private sealed class Clock : TimeProvider
    {
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(double seconds) => _now += TimeSpan.FromSeconds(seconds);

        public override long GetTimestamp() => _now.Ticks;
    }
}
