using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bft.Benchmarks;

/// <summary>What one side of a comparison is to do; travels to its process as JSON.</summary>
/// <param name="Folder">Hugging Face folder with one safetensors file.</param>
/// <param name="Adapter">PEFT folder, or null for generation.</param>
/// <param name="Dtype">fp32 or bf16.</param>
/// <param name="Rows">Rows of a micro-batch.</param>
/// <param name="Ids">Token ids, row by row; all are supervised, or are the prompt.</param>
/// <param name="Threads">Threads of every side.</param>
/// <param name="Rate">Learning rate.</param>
internal sealed record SideWork(string Folder, string? Adapter, string Dtype, int Rows, long[] Ids, int Threads, double Rate)
{
    private static readonly JsonSerializerOptions s_names = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Whether blocks are computed again on the way back; for Bft only.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>Name of the objective; for Bft only.</summary>
    public string Objective { get; init; } = "sft";

    [JsonIgnore]
    public torch.ScalarType ScalarType => Dtype == "bf16" ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32;

    [JsonIgnore]
    public int Length => Ids.Length / Rows;

    public string ToJson() => JsonSerializer.Serialize(this, s_names);

    public static SideWork Parse(string json) => JsonSerializer.Deserialize<SideWork>(json, s_names)!;
}

/// <summary>What a side answers to one command.</summary>
/// <param name="Seconds">Clock time.</param>
/// <param name="Processor">Processor time.</param>
/// <param name="Peak">Largest resident set since the side was ready, in bytes, weights included.</param>
internal sealed record SideAnswer(double Seconds, double Processor, long Peak)
{
    public double? Loss { get; init; }

    public long[]? Tokens { get; init; }

    public static SideAnswer Parse(string json) => JsonSerializer.Deserialize<SideAnswer>(json, JsonSerializerOptions.Web)!;

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
