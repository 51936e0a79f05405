using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

public sealed partial class CausalLm
{
    /// <summary>Loads a folder in Hugging Face layout, or a GGUF file.</summary>
    /// <param name="path">Folder with config.json and safetensors, or with config.json and one GGUF file;
    /// or a GGUF file. Where no config.json lies beside a GGUF file, its metadata serve.</param>
    /// <param name="dtype">Dtype of the model; null for the one that config.json names, or float32.</param>
    /// <param name="device">Device; null for the CPU.</param>
    /// <remarks>
    /// Strict: every parameter must be there in its shape and as floating-point numbers, and nothing else may be. Passed over are the frequency buffers of old
    /// checkpoints and tensors without values. Names without the prefix <c>model.</c> are understood. Where the configuration ties the head but a different
    /// one is stored, the stored one is used, as in Transformers 5, and <see cref="LoadRemarks"/> says so.
    /// </remarks>
    /// <exception cref="CheckpointException">Something is absent, superfluous or does not fit; names file, tensor or field, expected, actual.</exception>
    public static CausalLm Load(string path, torch.ScalarType? dtype = null, torch.Device? device = null)
    {
        var config = ReadConfig(path);
        using var source = WeightSource.Open(path);
        return Load(config, source, dtype, device);
    }

    /// <summary>Loads the weights of a source into a model of the given configuration; strict as <see cref="Load(string, torch.ScalarType?, torch.Device?)"/>.</summary>
    public static CausalLm Load(CausalLmConfig config, IWeightSource source, torch.ScalarType? dtype = null, torch.Device? device = null)
    {
        RequireValid(config);
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        var wanted = dtype ?? config.StoredDtype ?? torch.ScalarType.Float32;
        var (fitted, parameters, remarks) = new WeightMap(config, source).Load(wanted, device ?? torch.CPU);
        foreach (var (_, value) in parameters)
            value.DetachFromDisposeScope();
        return new(fitted, parameters, remarks);
    }

    /// <summary>A model with random weights: normal with the deviation that the configuration names (0.02 by default), norms one, biases zero.</summary>
    /// <param name="config">Shape and rules.</param>
    /// <param name="seed">Seed of the weights; they are drawn in float32 on the CPU, so they depend on nothing else.</param>
    /// <param name="dtype">Dtype of the model; null for float32.</param>
    /// <param name="device">Device; null for the CPU.</param>
    /// <exception cref="ArgumentException">The configuration contradicts itself; all problems are named.</exception>
    public static CausalLm Create(CausalLmConfig config, ulong seed, torch.ScalarType? dtype = null, torch.Device? device = null)
    {
        RequireValid(config);
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        using var generator = new torch.Generator(seed, torch.CPU);
        Tensor Draw(long[] shape, string name) =>
            shape.Length == 2 ? torch.randn(shape, torch.ScalarType.Float32, generator: generator).mul_(config.InitialDeviation)
            : name.EndsWith(".bias", StringComparison.Ordinal) ? torch.zeros(shape, torch.ScalarType.Float32)
            : torch.ones(shape, torch.ScalarType.Float32);
        (string, Tensor)[] parameters =
        [
            .. config.ParameterShapes().Select(p => (p.Name, Draw(p.Shape, p.Name).to(dtype ?? torch.ScalarType.Float32, device ?? torch.CPU).DetachFromDisposeScope())),
        ];
        return new(config, parameters, []);
    }

    /// <summary>Writes config.json, generation_config.json and weights in Hugging Face layout; the folder appears whole or not at all. Adapters are not written.</summary>
    /// <param name="folder">Target; must be absent or empty.</param>
    /// <param name="dtype">Stored dtype, to which values are rounded once; null for that of the model.</param>
    /// <param name="maxShardBytes">Largest sum of tensor bytes in a file; more makes several and an index.</param>
    /// <exception cref="IOException">The target holds something.</exception>
    /// <exception cref="InvalidDataException">A finite value is too large for the dtype.</exception>
    public void Save(string folder, torch.ScalarType? dtype = null, long maxShardBytes = 5_000_000_000) => AtomicOutput.WriteFolder(folder, partial =>
    {
        var stored = dtype ?? Dtype;
        var type = PendingTensor.TypeOf("weights", stored);
        PendingTensor[] tensors = [.. ParameterNames.AsRegistered(Parameters, p => p.Name).Select(p => new PendingTensor(p.Name, p.Value.shape, type, () => Rounded(p.Name, p.Value, stored)))];
        SafetensorsWriter.WriteFolder(partial, tensors, null, maxShardBytes);
        var config = Config.ToJson(stored);
        File.WriteAllText(Path.Combine(partial, CausalLmConfig.FileName), config);
        GenerationFile.WriteIfAbsent(partial, JsonNode.Parse(config)!);
    });

    private static Tensor Rounded(string name, Tensor value, torch.ScalarType dtype)
    {
        var rounded = value.to(dtype);
        if (dtype == torch.ScalarType.Float16 && (rounded.isinf() & value.isfinite()).any().ToBoolean())
            throw new InvalidDataException($"{name}: expected values up to 65504, which float16 holds, actual {value.abs().max().ToDouble():g6}.");
        return rounded;
    }

    /// <summary>The configuration of a folder or GGUF file.</summary>
    internal static CausalLmConfig ReadConfig(string path)
    {
        var gguf = WeightSource.FindGguf(path);
        var folder = File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path;
        if (gguf is null || File.Exists(Path.Combine(folder, CausalLmConfig.FileName)))
            return CausalLmConfig.Read(folder);
        using var file = GgufFile.Open(gguf);
        return CausalLmConfig.Parse(GgufConfig.Derive(file).ToJsonString(), gguf);
    }

    private static void RequireValid(CausalLmConfig config)
    {
        if (config.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"The configuration contradicts itself: {string.Join("; ", problems)}.", nameof(config));
    }
}
