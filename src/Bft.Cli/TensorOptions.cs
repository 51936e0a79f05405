using System.CommandLine;
using Bft.Research.Devices;
using TorchSharp;

namespace Bft.Cli;

/// <summary>Options that name an element type or a device.</summary>
internal static class TensorOptions
{
    /// <summary>The option <c>--dtype</c>; the first of <paramref name="names"/> is the default.</summary>
    public static Option<string> Dtype(string description, params string[] names)
    {
        var option = new Option<string>("--dtype") { Description = description, DefaultValueFactory = _ => names[0] };
        option.AcceptOnlyFromAmong(names);
        return option;
    }

    /// <summary>The option <c>--device</c>.</summary>
    /// <param name="default">Device without the option.</param>
    public static Option<string> Device(string @default = DeviceChoice.Auto) => new("--device") { Description = "auto, cpu, cuda or cuda:N", DefaultValueFactory = _ => @default };

    /// <summary>The element type that an option made by <see cref="Dtype"/> names.</summary>
    public static torch.ScalarType ScalarType(this ParseResult result, Option<string> dtype) => ScalarType(result.GetValue(dtype)!);

    /// <summary>The element type of a name.</summary>
    public static torch.ScalarType ScalarType(string name) => name switch
    {
        "bfloat16" => torch.ScalarType.BFloat16,
        "float16" => torch.ScalarType.Float16,
        "float32" => torch.ScalarType.Float32,
        _ => torch.ScalarType.Float64,
    };

    /// <summary>The device that an option names.</summary>
    /// <exception cref="ArgumentException">No device has the name, or this machine or build has none of the kind.</exception>
    public static torch.Device Device(this ParseResult result, Option<string> device) => DeviceChoice.Pick(result.GetValue(device)!).Device;
}
