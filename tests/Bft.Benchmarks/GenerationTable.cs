using Bft.Research.Devices;

namespace Bft.Benchmarks;

/// <summary>Greedy decoding of one row beside PyTorch, and beside the limit that the memory sets: all weights are read once a token.</summary>
internal static class GenerationTable
{
    private const int Prompt = 32;

    public static void Print(ComparisonSetting setting)
    {
        using var files = new ComparisonFiles(setting);
        var work = new SideWork(files.Model, null, setting.Dtype, 1, files.Ids(Prompt), setting.Threads, 0);
        var bytes = new FileInfo(Path.Combine(files.Model, "model.safetensors")).Length;
        var limit = MemoryBandwidth.BytesPerSecond(bytes, setting.Threads) / bytes;
        Console.WriteLine($"\nGreedy decoding, {Path.GetFileName(setting.Model)}, {setting.Dtype}, prompt {Prompt}, {setting.Tokens} new tokens, {setting.Threads} threads, {Processor.Describe()}");
        Console.WriteLine($"{bytes / 1e6:0} MB of weights, read at {limit * bytes / 1e9:0.0} GB/s: at most {limit:0.0} tokens/s\n");
        var (python, reason) = Side.FindPython();
        if (python is null)
            Console.WriteLine($"without PyTorch: {reason}\n");
        List<Side> sides = [.. python is null ? Array.Empty<Side>() : [Side.PyTorch(python, work)], Side.Ours("Bft", "bft", work)];
        var rates = sides.ToDictionary(side => side.Name, _ => new List<double>());
        var tokens = new Dictionary<string, long[]>();
        for (var round = 0; round < setting.Steps; round++)
            foreach (var side in sides)
            {
                var first = side.Ask("generate 1").Seconds;
                var all = side.Ask($"generate {setting.Tokens + 1}");
                tokens[side.Name] = all.Tokens!;
                rates[side.Name].Add(setting.Tokens / (all.Seconds - first));
            }

        foreach (var side in sides)
            side.Dispose();
        limit = Math.Max(limit, MemoryBandwidth.BytesPerSecond(bytes, setting.Threads) / bytes);
        Console.WriteLine("| side | tokens/s (min – max) | of the limit | same tokens |\n| --- | --- | --- | --- |");
        foreach (var (name, found) in rates)
        {
            var ordered = found.Skip(1).Order().ToList();
            Console.WriteLine($"| {name} | {ordered[ordered.Count / 2]:0.0} ({ordered[0]:0.0} – {ordered[^1]:0.0}) | {ordered[ordered.Count / 2] / limit:0 %} "
                + $"| {tokens[name].Zip(tokens["Bft"]).TakeWhile(pair => pair.First == pair.Second).Count()} of {tokens[name].Length} |");
        }
    }
}
