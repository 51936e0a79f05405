namespace Bft.Research.Checkpoints;

/// <summary>An element type of the safetensors format.</summary>
/// <param name="Name">Its name in the header, for example <c>BF16</c>.</param>
/// <param name="Bits">Size of one element in bits; four- and six-bit types exist.</param>
/// <param name="Scalar">The torch type with the same bytes, or null when TorchSharp has none: such a tensor can be listed but not loaded.</param>
public sealed record SafetensorsDtype(string Name, int Bits, torch.ScalarType? Scalar)
{
    private static readonly SafetensorsDtype[] s_all =
    [
        new("BOOL", 8, torch.ScalarType.Bool),
        new("U8", 8, torch.ScalarType.Byte),
        new("I8", 8, torch.ScalarType.Int8),
        new("I16", 16, torch.ScalarType.Int16),
        new("I32", 32, torch.ScalarType.Int32),
        new("I64", 64, torch.ScalarType.Int64),
        new("F16", 16, torch.ScalarType.Float16),
        new("BF16", 16, torch.ScalarType.BFloat16),
        new("F32", 32, torch.ScalarType.Float32),
        new("F64", 64, torch.ScalarType.Float64),
        new("C64", 64, torch.ScalarType.ComplexFloat32),
        new("U16", 16, null),
        new("U32", 32, null),
        new("U64", 64, null),
        new("F4", 4, null),
        new("F6_E2M3", 6, null),
        new("F6_E3M2", 6, null),
        new("F8_E5M2", 8, null),
        new("F8_E4M3", 8, null),
        new("F8_E8M0", 8, null),
        new("F8_E4M3FNUZ", 8, null),
        new("F8_E5M2FNUZ", 8, null),
    ];

    /// <summary>Every type of the format.</summary>
    public static IReadOnlyList<SafetensorsDtype> All => s_all;

    /// <summary>The type of a header name, or null.</summary>
    public static SafetensorsDtype? Of(string name) => Array.Find(s_all, dtype => dtype.Name == name);

    /// <summary>The type that stores a torch type, or null when the format has none.</summary>
    public static SafetensorsDtype? Of(torch.ScalarType scalar) => Array.Find(s_all, dtype => dtype.Scalar == scalar);

    /// <summary>Bytes of a tensor of this type; null when the product overflows 64 bits or does not fill whole bytes.</summary>
    /// <param name="shape">Dimensions, none negative; empty for a scalar.</param>
    public long? Bytes(ReadOnlySpan<long> shape)
    {
        Int128 bits = Bits;
        foreach (var dimension in shape)
        {
            bits *= dimension;
            if (bits > long.MaxValue)
                return null;
        }

        return bits % 8 == 0 ? (long)(bits / 8) : null;
    }
}
