namespace Bft.Research.Checkpoints;

/// <summary>A tensor to be written: its place in the file is known before its values are.</summary>
/// <param name="Name">Name.</param>
/// <param name="Shape">Dimensions, row-major.</param>
/// <param name="Dtype">Stored type.</param>
/// <param name="Load">Gives the value; called once, inside a dispose scope of the writer.</param>
internal sealed record PendingTensor(string Name, long[] Shape, SafetensorsDtype Dtype, Func<Tensor> Load)
{
    public long Elements => Shape.Aggregate(1L, (product, dimension) => checked(product * dimension));

    public long Bytes => Elements * Dtype.Bits / 8;

    /// <summary>A tensor that exists already; it stays the caller's.</summary>
    public static PendingTensor Of((string Name, Tensor Value) tensor) =>
        new(tensor.Name, tensor.Value.shape, TypeOf(tensor.Name, tensor.Value.dtype), () => tensor.Value);

    /// <summary>The stored type of a torch type.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static SafetensorsDtype TypeOf(string name, torch.ScalarType dtype) =>
        SafetensorsDtype.Of(dtype) ?? throw new ArgumentException($"{name}: safetensors has no type for {dtype}.");
}
