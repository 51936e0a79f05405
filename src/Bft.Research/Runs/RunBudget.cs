using System.Globalization;
using System.Text;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>What a run will go through, counted before it: rows, tokens, padding, steps, operations, memory. No weights are loaded.</summary>
public sealed record RunBudget
{
    /// <summary>Rows to train on.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows that are only measured.</summary>
    public required int HeldOutRows { get; init; }

    /// <summary>Tokens of the longest row.</summary>
    public required int LongestRow { get; init; }

    /// <summary>Optimiser steps of the run.</summary>
    public required int Steps { get; init; }

    /// <summary>Optimiser steps of the first epoch.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Micro-batches of the steps that were counted.</summary>
    public required int MicroBatches { get; init; }

    /// <summary>Steps that were counted: those of the first epoch, or of the run where it is shorter. What follows is scaled from them to all steps.</summary>
    public required int CountedSteps { get; init; }

    /// <summary>Tokens of the run without padding.</summary>
    public required double Tokens { get; init; }

    /// <summary>Positions of the run, padding included.</summary>
    public required double PaddedTokens { get; init; }

    /// <summary>Supervised tokens of the run.</summary>
    public required double SupervisedTokens { get; init; }

    /// <summary>Floating-point operations of the run, as <see cref="TrainingFlops"/> counts them; measurements of held-out rows are not among them.</summary>
    public required FlopCount Flops { get; init; }

    /// <summary>Values that are trained.</summary>
    public required long TrainedValues { get; init; }

    /// <summary>Values of the model.</summary>
    public required long ModelValues { get; init; }

    /// <summary>What the device can do at most, measured or as its maker says.</summary>
    public required DevicePeak Peak { get; init; }

    /// <summary>The memory that the largest micro-batch needs.</summary>
    public required MemoryPlan Memory { get; init; }

    /// <summary>Part of the positions that is padding.</summary>
    public double PaddingShare => 1 - Tokens / PaddedTokens;

    /// <summary>Parts of the peak that training reaches: little with short rows and small batches, much with long ones.</summary>
    private const double Least = 0.1, Most = 0.6;

    /// <summary>Counts a run; makes the micro-batches of one epoch.</summary>
    /// <param name="options">The run.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="setup">Device and dtype; says how much memory there is.</param>
    public static RunBudget Of(RunOptions options, RunRows rows, DeviceSetup setup)
    {
        var config = CausalLm.ReadConfig(options.Model);
        var peft = options.Trainer.Lora is not { } lora ? null : options.Adapter is { } folder ? PeftConfig.Read(folder) : PeftConfig.From(lora);
        var trained = peft?.TrainedValues(config) ?? config.ParameterCount;
        var flops = new TrainingFlops(config, peft is null ? null : trained, options.Trainer.Head, options.Trainer.GradientCheckpointing);
        var counted = Math.Min(rows.Plan.Steps, rows.Plan.StepsPerEpoch);
        double tokens = 0, padded = 0, supervised = 0;
        var operations = new FlopCount(0, 0, 0, 0, 0, 0);
        List<MicroBatchSize> sizes = [];
        for (var step = 0; step < counted; step++)
            foreach (var batch in rows.Plan[step])
            {
                sizes.Add(MicroBatchSize.Of(batch));
                tokens += batch.RealTokens();
                padded += sizes[^1].Tokens;
                supervised += sizes[^1].Supervised;
                operations += flops.Of(batch);
            }

        var scale = (double)rows.Plan.Steps / counted;
        return new()
        {
            Rows = rows.Training.Examples.Count,
            HeldOutRows = rows.HeldOut?.Examples.Count ?? 0,
            LongestRow = rows.Training.Examples.Max(row => row.Length),
            Steps = rows.Plan.Steps,
            StepsPerEpoch = rows.Plan.StepsPerEpoch,
            MicroBatches = sizes.Count,
            CountedSteps = counted,
            Tokens = tokens * scale,
            PaddedTokens = padded * scale,
            SupervisedTokens = supervised * scale,
            Flops = operations * scale,
            TrainedValues = trained,
            ModelValues = config.ParameterCount,
            Peak = setup.Peak(),
            Memory = RunMemory.Plan(config, options.Trainer, rows, MicroBatchSize.Largest(sizes), setup),
        };
    }

    /// <summary>The budget as lines.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        void Line(string name, string value) => text.Append(name.PadRight(12)).AppendLine(value);
        string Number(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);
        Line("rows", $"{Number(Rows)}, the longest of {Number(LongestRow)} tokens{(HeldOutRows > 0 ? $"; {Number(HeldOutRows)} held out" : "")}");
        Line("steps", $"{Number(Steps)}, {Number(StepsPerEpoch)} an epoch; {((double)MicroBatches / CountedSteps).ToString("0.#", CultureInfo.InvariantCulture)} micro-batches a step");
        Line("tokens", FormattableString.Invariant($"{Number(Tokens)}, {Number(SupervisedTokens)} supervised; {Number(PaddedTokens)} with padding ({PaddingShare:0.0 %} of them)"));
        Line("trained", FormattableString.Invariant($"{Number(TrainedValues)} of {Number(ModelValues)} values ({(double)TrainedValues / ModelValues:0.00 %})"));
        Line("operations", FormattableString.Invariant($"{Flops.Model:0.00e+0} FLOP, {Flops.Hardware:0.00e+0} with what is computed again"));
        if (Peak.FlopsPerSecond is { } peak)
            Line("time", FormattableString.Invariant($"{Duration(Flops.Hardware / peak / Most)} to {Duration(Flops.Hardware / peak / Least)}, if {Least:0 %} to {Most:0 %} of {peak:0.00e+0} FLOP/s are reached ({Peak.Source})"));
        return text.Append(Memory.ToText()).ToString();
    }

    private static string Duration(double seconds) => seconds < 120
        ? FormattableString.Invariant($"{seconds:0.#} s")
        : seconds < 7200 ? FormattableString.Invariant($"{seconds / 60:0} min") : FormattableString.Invariant($"{seconds / 3600:0.#} h");
}
