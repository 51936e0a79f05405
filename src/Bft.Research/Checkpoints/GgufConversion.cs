using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bft.Research.Checkpoints;

/// <summary>Turns a GGUF file into a folder in Hugging Face layout: config.json, safetensors, tokenizer files.</summary>
public static class GgufConversion
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<torch.ScalarType, string> s_dtypes = new()
    {
        [torch.ScalarType.BFloat16] = "bfloat16",
        [torch.ScalarType.Float32] = "float32",
        [torch.ScalarType.Float16] = "float16",
    };

    /// <summary>Converts. The folder appears whole or not at all.</summary>
    /// <remarks>
    /// The configuration comes from the metadata. Tokenizer files beside the GGUF file are copied; without a tokenizer.json there, tokenizer.json and
    /// tokenizer_config.json are built from the metadata. Tensors are converted one at a time, so memory holds a single one.
    /// </remarks>
    /// <param name="gguf">The GGUF file.</param>
    /// <param name="folder">Target; must be absent or empty.</param>
    /// <param name="dtype">Stored type of all weights: float32 (exact), bfloat16 or float16 (rounded to nearest).</param>
    /// <param name="cancellation">Stops between two tensors; nothing is left then.</param>
    /// <exception cref="CheckpointException">The file is not valid or holds something that the layout cannot express.</exception>
    /// <exception cref="IOException">The target holds something already, or writing failed.</exception>
    public static void Convert(string gguf, string folder, torch.ScalarType dtype = torch.ScalarType.Float32, CancellationToken cancellation = default)
    {
        if (!s_dtypes.TryGetValue(dtype, out var dtypeName))
            throw new ArgumentException($"dtype: expected {string.Join(", ", s_dtypes.Values)}, actual {dtype}.", nameof(dtype));
        using var file = GgufFile.Open(gguf);
        using var weights = new GgufWeights(file);
        var config = GgufConfig.Derive(file, dtypeName);
        AtomicOutput.WriteFolder(folder, partial =>
        {
            File.WriteAllText(Path.Combine(partial, "config.json"), config.ToJsonString(s_json) + "\n");
            CompanionFiles.Copy(gguf, partial);
            GenerationFile.WriteIfAbsent(partial, config);
            SafetensorsWriter.WriteFolder(partial, Pending(weights, dtype, cancellation), null, 5_000_000_000);
        });
    }

    private static PendingTensor[] Pending(GgufWeights weights, torch.ScalarType dtype, CancellationToken cancellation)
    {
        var stored = PendingTensor.TypeOf("weights", dtype);
        return
        [
            .. weights.Names.Select(name => new PendingTensor(name, [.. weights.Describe(name).Shape], stored, () =>
            {
                cancellation.ThrowIfCancellationRequested();
                return weights.Load(name, dtype, torch.CPU);
            })),
        ];
    }
}
