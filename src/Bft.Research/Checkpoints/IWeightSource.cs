namespace Bft.Research.Checkpoints;

/// <summary>A stored tensor: name in the Hugging Face layout, shape, and how it is stored.</summary>
/// <param name="Name">Hugging Face name, for example <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="Shape">Dimensions, row-major, in the Hugging Face layout.</param>
/// <param name="StoredAs">Name of the stored type, for example <c>BF16</c> or <c>Q4_1</c>.</param>
/// <param name="Scalar">The torch type that holds the stored values exactly: the stored type itself, float32 for quantised blocks; null when TorchSharp has none.</param>
public sealed record WeightInfo(string Name, IReadOnlyList<long> Shape, string StoredAs, torch.ScalarType? Scalar);

/// <summary>Where the weights of a model come from, whatever the file format: Hugging Face names, Hugging Face row order.</summary>
public interface IWeightSource : IDisposable
{
    /// <summary>Folder or file, for messages.</summary>
    string Path { get; }

    /// <summary>Names of all stored tensors.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Shape and stored type of a tensor.</summary>
    /// <exception cref="CheckpointException">No such tensor.</exception>
    WeightInfo Describe(string name);

    /// <summary>Loads a tensor; the caller owns it and may write to it.</summary>
    /// <param name="name">Hugging Face name.</param>
    /// <param name="dtype">Type of the result.</param>
    /// <param name="device">Device of the result.</param>
    /// <exception cref="CheckpointException">No such tensor, or integers where a floating-point type is asked for (their bytes are then something else).</exception>
    Tensor Load(string name, torch.ScalarType dtype, torch.Device device);
}
