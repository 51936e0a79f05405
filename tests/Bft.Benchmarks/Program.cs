using System.Globalization;
using Bft.Benchmarks;
using Bft.Research.Devices;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
NativeLibraries.EnsureLoaded();
if (args is ["measure", var variant, .. var rest])
{
    var setting = HeadSetting.Parse(rest);
    var measured = Measurement.Here(HeadVariant.Step(variant, new HeadProblem(setting)), setting.Repeats);
    Console.WriteLine($"{measured.Seconds:R} {measured.Processor:R} {measured.PeakBytes}");
    return 0;
}

var given = HeadSetting.Parse(args);
foreach (var (vocabulary, dtype) in new[] { (32_000, "fp32"), (32_000, "bf16"), (128_000, "fp32"), (128_000, "bf16") })
    HeadTable.Print(given with { Vocabulary = vocabulary, Dtype = dtype });
return 0;
