using Bft.Research.Devices;

namespace Bft.Benchmarks;

/// <summary>A LoRA step under every objective beside the same step under SFT: in turn, each in a process of its own.</summary>
internal static class ObjectiveTable
{
    private static readonly string[] s_names = ["sft", "dft", "bft-v1-code", "bft-v1-paper", "bft-v3", "bft-v3-token-only", "bft-v3-sequence-only"];

    public static void Print(ComparisonSetting setting)
    {
        Console.WriteLine($"\nLoRA step by objective, {Path.GetFileName(setting.Model)}, {setting.Dtype}, {setting.Rows} × {setting.Length} tokens, {setting.Threads} threads, {Processor.Describe()}\n");
        using var files = new ComparisonFiles(setting);
        var work = new SideWork(files.Model, files.Adapter, setting.Dtype, setting.Rows, files.Ids(setting.Rows * setting.Length), setting.Threads, 1e-4);
        var sides = s_names.Select(name => Side.Ours(name, "bft", work with { Objective = name })).ToList();
        var answers = sides.ToDictionary(side => side.Name, _ => new List<SideAnswer>());
        for (var step = 0; step < setting.Steps; step++)
            foreach (var side in step % 2 == 0 ? sides : Enumerable.Reverse(sides)) // so that no side always follows the same other
                answers[side.Name].Add(side.Ask("step"));
        sides.ForEach(side => side.Dispose());
        Console.WriteLine("| objective | processor seconds | / sft, processor (min – max) | / sft, clock | peak MB |\n| --- | --- | --- | --- | --- |");
        foreach (var (name, steps) in answers)
        {
            double[] Ratios(Func<SideAnswer, double> of) => [.. steps.Zip(answers["sft"], (a, b) => of(a) / of(b)).Skip(1).Order()];
            var (processor, clock) = (Ratios(step => step.Processor), Ratios(step => step.Seconds));
            Console.WriteLine($"| {name} | {TrainingTable.Median([.. steps.Skip(1).Select(step => step.Processor).Order()]):0.00} "
                + $"| {TrainingTable.Median(processor):0.00} ({processor[0]:0.00} – {processor[^1]:0.00}) | {TrainingTable.Median(clock):0.00} | {steps[^1].Peak / 1e6:0} |");
        }
    }
}
