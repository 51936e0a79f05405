using Bft.Research.Devices;
using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>Everything that defines a training run: model, rows, trainer, output. What <c>bft train</c> and a notebook are given, and what a run writes as <c>options.json</c>.</summary>
/// <remarks>Relative paths are relative to the working directory. Files and command lines are read by <see cref="RunFile"/>.</remarks>
public sealed record RunOptions : IRunFileOptions
{
    /// <summary>Folder in Hugging Face layout, or a GGUF file beside its tokenizer.json.</summary>
    public string Model { get; init; } = "";

    /// <summary>PEFT folder whose adapter is trained on; null for a fresh one where <see cref="TrainerOptions.Lora"/> asks for one.</summary>
    public string? Adapter { get; init; }

    /// <summary>Device, dtype of weights and activations, threads. What trains has float32 masters where the weights have 16 bits.</summary>
    public DeviceOptions Compute { get; init; } = new();

    /// <summary>Files of conversations to train on, one after another.</summary>
    public IReadOnlyList<DataSource> Data { get; init; } = [];

    /// <summary>Files of conversations that are only measured.</summary>
    public IReadOnlyList<DataSource> HeldOut { get; init; } = [];

    /// <summary>Rows taken out of <see cref="Data"/>, drawn by the trainer's seed, and only measured: below 1 a part of the rows, else their number; 0 takes none.</summary>
    public double HeldOutPart { get; init; }

    /// <summary>File of general text, measured against its start to show what is forgotten: JSON Lines with a field <c>text</c>, or plain text; null for none.</summary>
    public string? Forgetting { get; init; }

    /// <summary>How many pieces of that text are measured, from its start; a piece has at most 512 tokens.</summary>
    public int ForgettingPieces { get; init; } = 32;

    /// <summary>Optimiser steps that a line of the log reports together (<see cref="IntervalLog"/>); nothing of the steps between is lost.</summary>
    public int LogEvery { get; init; } = 1;

    /// <summary>Whether TensorBoard event files are written beside the log.</summary>
    public bool TensorBoard { get; init; }

    /// <summary>Folder for log, options and result; must be absent or empty.</summary>
    public string Output { get; init; } = "";

    /// <summary>Whether the result is the best checkpoint by <see cref="StoppingOptions.Metric"/> of the held-out rows, which there must be, instead of the last step.</summary>
    public bool SaveBest { get; init; }

    /// <summary>Rows, objective, adapter, optimiser, schedule, batches.</summary>
    public TrainerOptions Trainer { get; init; } = new();

    /// <summary>All problems, each naming the option, the allowed and the actual value; empty when there are none. Files are not looked at.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        void Check(bool good, string name, string expected, object? actual)
        {
            if (!good)
                problems.Add($"{name}: expected {expected}, actual {actual}");
        }

        Check(Model.Length > 0, nameof(Model), "a folder or a .gguf file", "nothing");
        Check(Data.Count > 0, nameof(Data), "at least one file", "none");
        Check(double.IsFinite(HeldOutPart) && HeldOutPart >= 0 && (HeldOutPart < 1 || double.IsInteger(HeldOutPart)), nameof(HeldOutPart), "a part below 1 or a number of rows", HeldOutPart);
        Check(HeldOutPart == 0 || HeldOut.Count == 0, nameof(HeldOutPart), $"0 beside {nameof(HeldOut)}", HeldOutPart);
        Check(ForgettingPieces >= 1, nameof(ForgettingPieces), "a whole number above 0", ForgettingPieces);
        Check(Forgetting is not null || Trainer.Stopping.MaxForgetting is null, nameof(Forgetting), "a file of general text beside Stopping.MaxForgetting", "none");
        Check(LogEvery >= 1, nameof(LogEvery), "a whole number above 0", LogEvery);
        Check(Output.Length > 0, nameof(Output), "a folder", "nothing");
        Check(Adapter is null || Trainer.Lora is not null, nameof(Adapter), "none when all weights are trained", Adapter);
        for (var i = 0; i < Data.Count; i++)
            problems.AddRange(Data[i].Validate().Select(p => $"{nameof(Data)}[{i}].{p}"));
        for (var i = 0; i < HeldOut.Count; i++)
            problems.AddRange(HeldOut[i].Validate().Select(p => $"{nameof(HeldOut)}[{i}].{p}"));
        problems.AddRange(Compute.Validate().Select(p => $"{nameof(Compute)}.{p}"));
        problems.AddRange(Trainer.Validate().Select(p => $"{nameof(Trainer)}.{p}"));
        return problems;
    }
}
