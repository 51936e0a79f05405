using System.Globalization;
using Bft.Research.Training;

namespace Bft.Cli;

/// <summary>A line on standard error with a bar, the last numbers and the time left. A terminal sees it change with every step; elsewhere a line is written for every interval of the log.</summary>
/// <param name="steps">Steps of the run.</param>
/// <param name="every">Steps of an interval.</param>
internal sealed class TrainingProgress(int steps, int every = 1) : IProgress<StepReport>, IProgress<EvaluationReport>, IProgress<string>
{
    private const int Width = 24;
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly List<StepReport> _held = [];

    public void Report(StepReport value)
    {
        if (_terminal)
        {
            Console.Error.Write($"\r{Line(value, steps)}\u001b[K");
            return;
        }

        _held.Add(value);
        if (value.Step % every != 0 && value.Step != steps)
            return;
        Console.Error.WriteLine(Line(StepReport.Over(_held), steps));
        _held.Clear();
    }

    public void Report(EvaluationReport value)
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(_terminal ? "\n" : "")}{(value.Set == EvaluationSet.General ? "general text" : "held out")} after {value.Step}: nll {value.MeanNll:0.0000}{value.NllChange:'  ('+0.0000' since the start)';'  ('-0.0000' since the start)';''}  accuracy {value.Accuracy:0.000}  confidence {value.MeanConfidence:0.000}  ({value.Tokens} tokens)"));
    }

    public void Report(string value) => Console.Error.WriteLine($"{(_terminal ? "\n" : "")}{value}");

    /// <summary>The numbers of a report: plain NLL first, because the weighted loss is no measure of progress.</summary>
    internal static string Line(StepReport value, int steps)
    {
        var done = Math.Clamp(Width * value.Step / Math.Max(1, steps), 0, Width);
        var clipped = value.ClippedSteps > 0 ? " clipped" : "";
        var left = value.SecondsLeft is { } seconds ? $"  left {Time(seconds)}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"[{new string('#', done)}{new string('.', Width - done)}] {value.Step}/{steps}  nll {value.MeanNll:0.0000}  loss {value.Loss:0.0000}  norm {value.GradientNorm:0.000}{clipped}  lr {value.LearningRate:0.0e+0}  {value.TokensPerSecond:0} tok/s{value.Mfu:'  mfu '0%}  {value.PeakMemoryBytes / 1e9:0.0} GB{left}");
    }

    private static string Time(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2));
        return time.TotalDays >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time:hh\\:mm}") : time.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
    }
}
