namespace Bft.Research.Models;

/// <summary>How a merged model is written and checked.</summary>
public sealed record MergeOptions
{
    private static readonly torch.ScalarType[] s_types = [torch.ScalarType.Float64, torch.ScalarType.Float32, torch.ScalarType.BFloat16, torch.ScalarType.Float16];

    /// <summary>Stored dtype; null for the one that the base model's config.json names, or float32.</summary>
    public torch.ScalarType? Dtype { get; init; }

    /// <summary>Largest sum of tensor bytes in a file; more makes several and an index.</summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>Ids of a text on which logits are compared, beside ids from all over the vocabulary; may be empty.</summary>
    public IReadOnlyList<long> ProbeIds { get; init; } = [];

    /// <summary>Device of the computation; null for the CPU.</summary>
    public torch.Device? Device { get; init; }

    /// <summary>All problems, each naming the option; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Dtype is { } dtype && !s_types.Contains(dtype))
            problems.Add($"Dtype: expected one of {string.Join(", ", s_types)}, actual {dtype}");
        if (MaxShardBytes < 1)
            problems.Add($"MaxShardBytes: expected at least 1, actual {MaxShardBytes}");
        return problems;
    }
}
