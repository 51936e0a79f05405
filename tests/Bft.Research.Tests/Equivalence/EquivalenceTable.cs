using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Bft.Research.Tests.Equivalence;

/// <summary>What was measured, and the page that shows it: docs/equivalence.md.</summary>
internal static class EquivalenceTable
{
    private static readonly ConcurrentDictionary<(Way, Setting), Agreement> s_measured = [];

    /// <summary>Dtypes in which bugs must be found. Roundings of bfloat16 are as large as the smallest of them.</summary>
    public static IReadOnlyList<torch.ScalarType> Sharp { get; } = [torch.ScalarType.Float64, torch.ScalarType.Float32];

    /// <summary>Measures once.</summary>
    public static Agreement Measure(Way way, Setting setting) => s_measured.GetOrAdd((way, setting), key => key.Item1.Measure(key.Item2));

    /// <summary>The page.</summary>
    public static string Page()
    {
        var page = new StringBuilder(Head);
        page.AppendLine("| class | ways | dtype | loss, largest | loss, mean | gradient, largest | gradient, mean |\n| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var kind in EquivalenceClasses.All)
            foreach (var dtype in Setting.Dtypes)
                page.AppendLine($"| {kind.Name} | {kind.Same.Count} | {dtype.ToString().ToLowerInvariant()} | {Row(Worst(kind, dtype))} |");
        foreach (var dtype in Setting.Dtypes)
            page.AppendLine($"| *bound* | | {dtype.ToString().ToLowerInvariant()} | {Row(Setting.Of(dtype).First().Bound)} |");
        page.Append(Between);
        page.AppendLine("| class | bug | objectives | gradient, largest | gradient, mean | of the bound |\n| --- | --- | --- | --- | --- | --- |");
        foreach (var kind in EquivalenceClasses.All)
            foreach (var wrong in kind.Wrong)
                page.AppendLine($"| {kind.Name} | {wrong.Name} | {Row(wrong)} |");
        return page.Append(Tail).ToString();
    }

    private static Agreement Worst(EquivalenceClass kind, torch.ScalarType dtype) =>
        kind.Same.SelectMany(way => Setting.Of(dtype).Select(setting => Measure(way, setting))).Aggregate((a, b) => a.Or(b));

    private static string Row(Agreement measured) =>
        string.Join(" | ", new[] { measured.Losses.Largest, Math.Abs(measured.Losses.Mean), measured.Gradients.Largest, Math.Abs(measured.Gradients.Mean) }.Select(Number));

    private static string Row(WrongWay wrong)
    {
        Setting[] concerned = [.. Setting.Of(torch.ScalarType.Float32).Where(wrong.Concerns)];
        var names = concerned.Length == Setting.Objectives.Count ? "all" : string.Join(", ", concerned.Select(setting => setting.Name));
        var least = concerned.Select(setting => Measure(wrong, setting).Gradients).MinBy(Times)!;
        return $"{names} | {Number(least.Largest)} | {Number(Math.Abs(least.Mean))} | {Number(Times(least))} ×";
    }

    /// <summary>How many times a deviation of gradients is beyond the bound of float32.</summary>
    public static double Times(Deviation gradients)
    {
        var bound = Setting.Of(torch.ScalarType.Float32).First().Bound.Gradients;
        return Math.Max(gradients.Largest / bound.Largest, Math.Abs(gradients.Mean) / bound.Mean);
    }

    private static string Number(double value) =>
        value == 0 ? "0" : value.ToString(value >= 10 ? "#,0" : value >= 0.1 ? "0.00" : value >= 0.01 ? "0.000" : "0.0e+0", CultureInfo.InvariantCulture);

    private const string Head = """
        # What must not matter, measured

        A training step comes to the same loss and the same gradients however it is computed. Each class below is a list of ways to compute one and the same step (or run), each compared with an oracle:
        float64, every sample alone, without padding, all logits, autograd; weights rounded to the dtype of the row first, so rounding is the only difference. For `adapter and merged weights` the oracle is the
        chain rule from the gradients of the merged weights, for `resumption` a run straight through in float64. The step is that of a decoder of two blocks over eight samples of 5 to 11 tokens; gradients are
        those of every trained tensor.

        *Largest* is the largest difference, relative to the largest value of its tensor. *Mean* is the mean residual, each residual signed by its true value and relative to the mean size: roundings
        cancel in it, a factor of 1 + x on everything shows as x. Every number is the largest over ways and objectives: sft, dft, bft-v1-code, bft-v1-paper with windows inside turns, and bft-v3.

        This page is written by `EquivalenceTests.Write_the_page`; `EquivalenceTests` measures the same anew in every run of the tests and fails beyond a bound.


        """;

    private const string Between = """

        ## Bugs that the same measure finds

        Each is what a bug in the code would make of the step. Given is the objective on which it shows least, in float32, and how far beyond the bound it is; tests demand ten times, in float64 and
        float32, and of the gradients alone. In bfloat16 they are not demanded: its bounds are as wide as the smallest of them.


        """;

    private const string Tail = """

        ## Elsewhere

        - Notebook and command line: `tests/Bft.Cli.Tests/SameRunTests.cs` compares log and adapter of one run file from the shell, the library, a notebook cell and the options that a run wrote, byte by byte,
          with three other runs that must differ.
        - Resumption byte by byte after every micro-batch: `tests/Bft.Research.Tests/Training/ResumeTests.cs`; `bft train --verify-resume` does it with your own run.
        - Recompute and gradients by hand for every family of decoder: `tests/Bft.Research.Tests/Models/Gradients/TrainingPassTests.cs`.

        """;
}
