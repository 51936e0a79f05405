namespace Bft.Benchmarks;

/// <summary>Prints the table of one vocabulary and dtype: every variant, and its ratios to the released algorithm with the same trainable parts.</summary>
internal static class HeadTable
{
    public static void Print(HeadSetting setting)
    {
        Console.WriteLine($"\nV = {setting.Vocabulary}, {setting.Dtype}, B·T = {setting.Rows}·{setting.Length}, D = {setting.Width}, supervised {setting.Supervised:P0}\n");
        Console.WriteLine("| variant | seconds | processor seconds | peak MB | processor / released | peak / released |\n| --- | --- | --- | --- | --- | --- |");
        var results = new Dictionary<string, Measurement>();
        foreach (var name in HeadVariant.Names)
        {
            var measured = results[name] = Measurement.Apart(name, setting);
            var released = results[name.Contains("trained", StringComparison.Ordinal) ? "released-trained" : "released-frozen"];
            Console.WriteLine($"| {name} | {measured.Seconds:0.00} | {measured.Processor:0.00} | {measured.PeakBytes / 1e6:0} | {measured.Processor / released.Processor:0.00} "
                + $"| {(double)measured.PeakBytes / released.PeakBytes:0.00} |");
        }

        foreach (var kind in new[] { "frozen", "trained" })
        {
            var more = Measurement.Apart($"tiles-{kind}", setting with { Length = 2 * setting.Length, Repeats = 1 });
            var step = results[$"tiles-{kind}"].Processor / results[$"tiles-{kind}-sft"].Processor;
            Console.WriteLine($"\n{kind}: BFT step / SFT step {step:0.00}; peak with twice the tokens {more.PeakBytes / 1e6:0} MB");
        }
    }
}
