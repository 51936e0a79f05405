namespace Bft.Research.Checkpoints;

/// <summary>One tensor as the header of a safetensors file describes it.</summary>
public sealed record SafetensorsEntry
{
    /// <summary>Name of the tensor.</summary>
    public required string Name { get; init; }

    /// <summary>Element type as stored.</summary>
    public required SafetensorsDtype Dtype { get; init; }

    /// <summary>Dimensions, row-major; empty for a scalar.</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>First byte, counted from the end of the header.</summary>
    public required long Begin { get; init; }

    /// <summary>One past the last byte, counted from the end of the header.</summary>
    public required long End { get; init; }
}
