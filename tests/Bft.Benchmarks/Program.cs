using System.Globalization;
using Bft.Benchmarks;
using Bft.Research.Devices;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not ["kernel" or "kernel-plain" or "interrupt" or "output", ..])
    NativeLibraries.EnsureLoaded();
switch (args)
{
    case ["kernel", .. var rest]:
        KernelTable.Print(KernelSetting.Parse(rest));
        break;
    case ["interrupt", .. var rest]:
        InterruptTable.Print(KernelSetting.Parse(rest));
        break;
    case ["output", .. var rest]:
        OutputTable.Print(KernelSetting.Parse(rest));
        break;
    case ["kernel-plain"]:
        await KernelTable.RunPlainAsync();
        break;
    case ["measure", var variant, .. var rest]:
        var measured = HeadSetting.Parse(rest);
        var (seconds, processor, peak) = Measurement.Here(HeadVariant.Step(variant, new HeadProblem(measured)), measured.Repeats);
        Console.WriteLine($"{seconds:R} {processor:R} {peak}");
        break;
    case ["side", var kind, var work]:
        SideServer.Run(kind, SideWork.Parse(work));
        break;
    case ["training", .. var rest]:
        TrainingTable.Print(ComparisonSetting.Parse(rest));
        break;
    case ["objectives", .. var rest]:
        ObjectiveTable.Print(ComparisonSetting.Parse(rest));
        break;
    case ["generation", .. var rest]:
        GenerationTable.Print(ComparisonSetting.Parse(rest));
        break;
    default:
        var given = HeadSetting.Parse(args is ["head", .. var options] ? options : args);
        foreach (var (vocabulary, dtype) in new[] { (32_000, "fp32"), (32_000, "bf16"), (128_000, "fp32"), (128_000, "bf16") })
            HeadTable.Print(given with { Vocabulary = vocabulary, Dtype = dtype });
        break;
}
