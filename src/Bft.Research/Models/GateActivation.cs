using static TorchSharp.torch.nn;

namespace Bft.Research.Models;

/// <summary>The nonlinearity of a feed-forward part.</summary>
public enum GateActivation
{
    /// <summary>x · sigmoid(x); gating with it is SwiGLU.</summary>
    Silu,

    /// <summary>x · Φ(x), exact.</summary>
    Gelu,

    /// <summary>x · Φ(x) in its tanh approximation.</summary>
    GeluTanh,

    /// <summary>max(x, 0).</summary>
    Relu,
}

/// <summary>Names of activations in configuration files, and what they compute.</summary>
internal static class GateActivations
{
    private static readonly Dictionary<string, GateActivation> s_names = new(StringComparer.Ordinal)
    {
        ["silu"] = GateActivation.Silu,
        ["swish"] = GateActivation.Silu,
        ["gelu"] = GateActivation.Gelu,
        ["gelu_new"] = GateActivation.GeluTanh,
        ["gelu_pytorch_tanh"] = GateActivation.GeluTanh,
        ["relu"] = GateActivation.Relu,
    };

    /// <summary>The activation that a field names, <paramref name="otherwise"/> when the field is absent.</summary>
    public static GateActivation Read(ConfigFields fields, string field, GateActivation otherwise)
    {
        if (fields.Text(field) is not { } name)
            return otherwise;
        return s_names.TryGetValue(name, out var activation) ? activation : throw fields.Wrong(field, string.Join(", ", s_names.Keys), name);
    }

    /// <summary>The name that configuration files use.</summary>
    public static string NameOf(GateActivation activation) => s_names.First(pair => pair.Value == activation).Key;

    /// <summary>Element by element, in the current dispose scope.</summary>
    public static Tensor Apply(this GateActivation activation, Tensor x) => activation switch
    {
        GateActivation.Silu => functional.silu(x),
        GateActivation.Gelu => functional.gelu(x),
        GateActivation.GeluTanh => x * 0.5 * (((x + x * x * x * 0.044715) * Math.Sqrt(2 / Math.PI)).tanh() + 1),
        GateActivation.Relu => functional.relu(x),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "No such activation."),
    };
}
