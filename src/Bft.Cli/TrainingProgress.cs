using System.Globalization;
using Bft.Research.Training;

namespace Bft.Cli;

/// <summary>A line on standard error with a bar, the last numbers and the time left; a new line for every report where standard error is no terminal.</summary>
internal sealed class TrainingProgress(int steps) : IProgress<StepReport>, IProgress<EvaluationReport>, IProgress<string>
{
    private const int Width = 24;
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private double _secondsPerStep;

    /// <summary>The last step, or null.</summary>
    public StepReport? Last { get; private set; }

    public void Report(StepReport value)
    {
        _secondsPerStep = Last is null ? value.Seconds : 0.9 * _secondsPerStep + 0.1 * value.Seconds;
        Last = value;
        var done = Width * value.Step / steps;
        var left = TimeSpan.FromSeconds(_secondsPerStep * (steps - value.Step));
        var line = string.Create(CultureInfo.InvariantCulture,
            $"[{new string('#', done)}{new string('.', Width - done)}] {value.Step}/{steps}  loss {value.Loss:0.0000}  nll {value.MeanNll:0.0000}  norm {value.GradientNorm:0.000}  {value.TokensPerSecond:0} tok/s  {value.PeakMemoryBytes / 1e9:0.0} GB  left {left:hh\\:mm\\:ss}");
        if (_terminal)
            Console.Error.Write($"\r{line}\u001b[K");
        else
            Console.Error.WriteLine(line);
    }

    public void Report(EvaluationReport value)
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(_terminal ? "\n" : "")}{(value.Set == EvaluationSet.General ? "general text" : "held out")} after {value.Step}: nll {value.MeanNll:0.0000}{value.NllChange:'  ('+0.0000' since the start)';'  ('-0.0000' since the start)';''}  accuracy {value.Accuracy:0.000}  confidence {value.MeanConfidence:0.000}  ({value.Tokens} tokens)"));
    }

    public void Report(string value) => Console.Error.WriteLine($"{(_terminal ? "\n" : "")}{value}");
}
