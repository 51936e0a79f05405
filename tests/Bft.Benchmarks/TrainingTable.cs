using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Training;

namespace Bft.Benchmarks;

/// <summary>A LoRA step of Bft beside the same step in eager PyTorch: step by step in turn, each side in its own process, on the same threads.</summary>
internal static class TrainingTable
{
    private const double LossTolerance = 1e-3;
    private const string Plain = "Bft";
    private const string Checkpointing = "Bft with checkpointing";
    private const string Weighted = "Bft with BFT v3";

    public static void Print(ComparisonSetting setting)
    {
        Console.WriteLine($"\nLoRA step, {Path.GetFileName(setting.Model)}, {setting.Dtype}, {setting.Rows} × {setting.Length} tokens, {setting.Threads} threads, {Processor.Describe()}\n");
        using var files = new ComparisonFiles(setting);
        var work = new SideWork(files.Model, files.Adapter, setting.Dtype, setting.Rows, files.Ids(setting.Rows * setting.Length), setting.Threads, 1e-4);
        var (python, reason) = Side.FindPython();
        if (python is null)
            Console.WriteLine($"without PyTorch: {reason}\n");
        (string Name, Func<Side> Start)[] all =
        [
            ("PyTorch", () => Side.PyTorch(python!, work)),
            ("autograd", () => Side.Ours("autograd", "autograd", work)),
            (Plain, () => Side.Ours(Plain, "bft", work)),
            (Checkpointing, () => Side.Ours(Checkpointing, "bft", work with { Checkpointing = true })),
            (Weighted, () => Side.Ours(Weighted, "bft", work with { Objective = "bft-v3" })),
        ];
        var sides = all.Where(s => (python is not null || s.Name != "PyTorch") && (setting.Sides.Count == 0 || setting.Sides.Contains(s.Name))).Select(s => s.Start()).ToList();
        if (sides.Count == 0)
            throw new ArgumentException($"--sides: expected some of {string.Join(", ", all.Select(s => s.Name))}, actual {string.Join(", ", setting.Sides)}.");
        foreach (var side in sides.Where(side => side.Name == "PyTorch"))
            Console.WriteLine($"PyTorch: {side.Ready}\n");
        var answers = sides.ToDictionary(side => side.Name, _ => new List<SideAnswer>());
        for (var step = 0; step < setting.Steps; step++)
            foreach (var side in sides)
                answers[side.Name].Add(side.Ask("step"));
        foreach (var side in sides)
            side.Dispose();
        // In 16 bits PyTorch rounds every activation, so that after an update the sides no longer have the same weights: only the first loss is of the same function.
        PrintRows(answers, setting.Dtype == "bf16" ? 1 : setting.Steps);
        foreach (var (name, options) in new[] { (Plain, SideServer.Options(work)), (Checkpointing, SideServer.Options(work with { Checkpointing = true })) })
            if (answers.TryGetValue(name, out var found))
                Console.WriteLine($"{name}: {Plan(setting, options, work).Compare(found[^1].Peak)}");
    }

    /// <summary>The first step of a side warms it up and is left out of its time.</summary>
    /// <param name="answers">Answers of every side.</param>
    /// <param name="compared">Steps whose losses are compared.</param>
    private static void PrintRows(Dictionary<string, List<SideAnswer>> answers, int compared)
    {
        var first = answers.Keys.First();
        var reference = answers[first];
        Console.WriteLine($"| side | seconds (min – max) | / {first} (min – max) | processor / {first} | peak MB | peak / {first} | losses |\n| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var (name, steps) in answers)
        {
            var ratios = steps.Zip(reference, (a, b) => a.Seconds / b.Seconds).Skip(1).Order().ToList();
            var seconds = steps.Skip(1).Select(s => s.Seconds).Order().ToList();
            var processor = Median([.. steps.Skip(1).Select(s => s.Processor).Order()]) / Median([.. reference.Skip(1).Select(s => s.Processor).Order()]);
            var off = steps.Zip(reference, (a, b) => Math.Abs(a.Loss!.Value - b.Loss!.Value) / b.Loss.Value).Take(compared).Max();
            var losses = name == Weighted ? "another objective" : off < LossTolerance ? $"agree to {off:0.0e+0}" : $"DIFFER by {off:0.0e+0}";
            Console.WriteLine($"| {name} | {Median(seconds):0.00} ({seconds[0]:0.00} – {seconds[^1]:0.00}) | {Median(ratios):0.00} ({ratios[0]:0.00} – {ratios[^1]:0.00}) | {processor:0.00} "
                + $"| {steps[^1].Peak / 1e6:0} | {(double)steps[^1].Peak / reference[^1].Peak:0.00} | {losses} |");
        }

        if (!answers.ContainsKey(Weighted) || !answers.ContainsKey(Plain))
            return;
        var bft = answers[Weighted].Zip(answers[Plain], (a, b) => a.Seconds / b.Seconds).Skip(1).Order().ToList();
        Console.WriteLine($"\nBFT step / SFT step: {Median(bft):0.00} ({bft[0]:0.00} – {bft[^1]:0.00})");
    }

    private static MemoryPlan Plan(ComparisonSetting setting, TrainerOptions options, SideWork work) => MemoryPlan.For(
        CausalLmConfig.Read(File.Exists(setting.Model) ? Path.GetDirectoryName(setting.Model)! : setting.Model),
        options,
        work.ScalarType,
        MicroBatchSize.Of(SideServer.Batch(work)));

    /// <summary>The median of numbers in order.</summary>
    public static double Median(IReadOnlyList<double> ordered) => ordered.Count % 2 == 1 ? ordered[ordered.Count / 2] : (ordered[ordered.Count / 2 - 1] + ordered[ordered.Count / 2]) / 2;
}
