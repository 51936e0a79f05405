using System.Globalization;

namespace Bft.Benchmarks;

/// <summary>Size of a benchmark of the LM head; travels to the measuring process as arguments.</summary>
internal sealed record HeadSetting
{
    public int Vocabulary { get; init; } = 32_000;

    public string Dtype { get; init; } = "fp32";

    public int Rows { get; init; } = 4;

    public int Length { get; init; } = 512;

    public int Width { get; init; } = 1024;

    public int Repeats { get; init; } = 2;

    /// <summary>Share of positions at the end of every row that are supervised.</summary>
    public double Supervised { get; init; } = 0.65;

    public torch.ScalarType ScalarType => Dtype == "bf16" ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32;

    public static HeadSetting Parse(IReadOnlyList<string> arguments)
    {
        var setting = new HeadSetting();
        for (var i = 0; i + 1 < arguments.Count; i += 2)
        {
            var value = arguments[i + 1];
            setting = arguments[i] switch
            {
                "--vocabulary" => setting with { Vocabulary = int.Parse(value, CultureInfo.InvariantCulture) },
                "--dtype" => setting with { Dtype = value },
                "--rows" => setting with { Rows = int.Parse(value, CultureInfo.InvariantCulture) },
                "--length" => setting with { Length = int.Parse(value, CultureInfo.InvariantCulture) },
                "--width" => setting with { Width = int.Parse(value, CultureInfo.InvariantCulture) },
                "--repeats" => setting with { Repeats = int.Parse(value, CultureInfo.InvariantCulture) },
                "--supervised" => setting with { Supervised = double.Parse(value, CultureInfo.InvariantCulture) },
                var other => throw new ArgumentException($"Unknown option {other}."),
            };
        }

        return setting;
    }

    public string[] Arguments() =>
    [
        "--vocabulary", $"{Vocabulary}", "--dtype", Dtype, "--rows", $"{Rows}", "--length", $"{Length}", "--width", $"{Width}",
        "--repeats", $"{Repeats}", "--supervised", Supervised.ToString(CultureInfo.InvariantCulture),
    ];
}
