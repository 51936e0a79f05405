using System.Globalization;

namespace Bft.Research.Devices;

/// <summary>The type that a model computes in, and why. What trains has float32 master copies in any case.</summary>
/// <param name="Dtype">bfloat16, float32 or float64.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record PrecisionChoice(torch.ScalarType Dtype, string Reason)
{
    /// <summary>The word that leaves the choice to the device.</summary>
    public const string Auto = "auto";

    /// <summary>How much faster bfloat16 products must be on a CPU to be worth their rounding.</summary>
    private const double Worthwhile = 1.3;

    private static readonly Version s_firstBFloat16 = new(8, 0);

    /// <summary>Chooses a type.</summary>
    /// <param name="wanted">
    /// <c>bfloat16</c>, <c>float32</c>, <c>float64</c>; or <c>auto</c>: on a card bfloat16 from compute capability 8.0 on, which has units for it, else float32; on the CPU float32, unless
    /// the processor has instructions for bfloat16 products (avx512_bf16, amx_bf16) and these prove at least 1.3 times as fast in a measurement of a few tenths of a second.
    /// </param>
    /// <param name="device">Where the model will be.</param>
    /// <exception cref="ArgumentException">No type has the name.</exception>
    public static PrecisionChoice Pick(string wanted, DeviceChoice device) => Pick(wanted, device, HostFiles.System, dtype => MatrixRate.Measure(torch.CPU, dtype, TimeSpan.FromSeconds(0.1)));

    internal static PrecisionChoice Pick(string wanted, DeviceChoice device, HostFiles files, Func<torch.ScalarType, double> measure) => wanted switch
    {
        "bfloat16" => new(torch.ScalarType.BFloat16, "asked for"),
        "float32" => new(torch.ScalarType.Float32, "asked for"),
        "float64" => new(torch.ScalarType.Float64, "asked for"),
        Auto when device.IsCuda => OfCard(device.Card),
        Auto => OfProcessor(files, measure),
        _ => throw new ArgumentException($"dtype: expected auto, bfloat16, float32 or float64, actual '{wanted}'.", nameof(wanted)),
    };

    /// <summary>
    /// Lets float32 matrix products on a card of compute capability 8.0 or newer use TF32: factors rounded to 10 bits of mantissa, sums in float32, up to eight times as fast.
    /// Other types, the CPU and older cards are not affected. Off unless this is called, also for convolutions, which libtorch itself would allow.
    /// </summary>
    /// <param name="allowed">Whether TF32 may be used, in the whole process.</param>
    public static void AllowTf32(bool allowed)
    {
        NativeLibraries.EnsureLoaded();
        torch.backends.cuda.matmul.allow_tf32 = allowed;
        torch.backends.cudnn.allow_tf32 = allowed;
    }

    private static PrecisionChoice OfCard(GpuCard? card) => card switch
    {
        null => new(torch.ScalarType.Float32, "the driver does not tell the card's compute capability"),
        { ComputeCapability: var capability } when capability >= s_firstBFloat16 => new(torch.ScalarType.BFloat16, $"compute capability {capability} has units for bfloat16"),
        { ComputeCapability: var capability } => new(torch.ScalarType.Float32, $"compute capability {capability} has no units for bfloat16; these come with 8.0"),
    };

    private static PrecisionChoice OfProcessor(HostFiles files, Func<torch.ScalarType, double> measure)
    {
        if (!Processor.Flags(files).Any(flag => flag is "avx512_bf16" or "amx_bf16"))
            return new(torch.ScalarType.Float32, "the processor has no instructions for bfloat16 products");
        var ratio = measure(torch.ScalarType.BFloat16) / measure(torch.ScalarType.Float32);
        var measured = string.Create(CultureInfo.InvariantCulture, $"bfloat16 products measured at {ratio:0.0} times the speed of float32");
        return ratio >= Worthwhile ? new(torch.ScalarType.BFloat16, measured) : new(torch.ScalarType.Float32, $"{measured}, less than {Worthwhile.ToString(CultureInfo.InvariantCulture)}");
    }
}
