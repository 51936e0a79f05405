using System.Globalization;

namespace Bft.Benchmarks;

/// <summary>Size of a comparison with PyTorch.</summary>
internal sealed record ComparisonSetting
{
    /// <summary>Folder of the model: Hugging Face layout or with one GGUF file.</summary>
    public string Model { get; init; } = "../shared/data/models/smollm2-135m-instruct";

    public string Dtype { get; init; } = "fp32";

    public int Rows { get; init; } = 8;

    public int Length { get; init; } = 128;

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Steps of every side; the first warms up.</summary>
    public int Steps { get; init; } = 4;

    /// <summary>Names of the sides that a training comparison runs; empty for all.</summary>
    public IReadOnlyList<string> Sides { get; init; } = [];

    /// <summary>Tokens to generate.</summary>
    public int Tokens { get; init; } = 64;

    public static ComparisonSetting Parse(IReadOnlyList<string> arguments)
    {
        var setting = new ComparisonSetting();
        for (var i = 0; i + 1 < arguments.Count; i += 2)
        {
            var value = arguments[i + 1];
            int Number() => int.Parse(value, CultureInfo.InvariantCulture);
            setting = arguments[i] switch
            {
                "--model" => setting with { Model = value },
                "--dtype" => setting with { Dtype = value },
                "--rows" => setting with { Rows = Number() },
                "--length" => setting with { Length = Number() },
                "--threads" => setting with { Threads = Number() },
                "--steps" => setting with { Steps = Number() },
                "--sides" => setting with { Sides = value.Split(',', StringSplitOptions.TrimEntries) },
                "--tokens" => setting with { Tokens = Number() },
                var other => throw new ArgumentException($"Unknown option {other}."),
            };
        }

        return setting with { Model = Path.TrimEndingDirectorySeparator(Path.GetFullPath(setting.Model)) };
    }
}
