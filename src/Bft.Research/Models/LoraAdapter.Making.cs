using Bft.Research.Checkpoints;

namespace Bft.Research.Models;

public sealed partial class LoraAdapter
{
    /// <summary>A fresh adapter without effect: A uniform in ±1/√in (Kaiming-uniform with a = √5), B zero; for the embedding A zero, B normal; all as PEFT.</summary>
    /// <param name="model">Model to attach to.</param>
    /// <param name="options">Rank, α, dropout, layers.</param>
    /// <param name="seed">Seed of the matrices and of dropout.</param>
    /// <exception cref="ArgumentException">The options have problems, a target names nothing that can be adapted, or the model has an adapter already.</exception>
    public static LoraAdapter Create(CausalLm model, LoraOptions options, long seed)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"LoRA: {string.Join("; ", problems)}.", nameof(options));
        RequireFree(model);
        var config = PeftConfig.From(options);
        var (covered, replaced) = (config.Covered(model), config.Replaced(model));
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var generator = new torch.Generator((ulong)seed);
        var dropout = NewDropout(config, model, seed);
        return new(
            model,
            config,
            [.. covered.Select(target => Fresh(target, config, generator, dropout))],
            dropout,
            [.. replaced.Select(target => (target, target.Weight.detach().clone()))]);
    }

    /// <summary>Reads and attaches a PEFT folder: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
    /// <remarks>
    /// Offered: LoRA, rank-stabilised LoRA and DoRA on linear layers, head and embedding, and replaced head and embedding (<c>modules_to_save</c>). PEFT writes the base
    /// matrix beside an update of head or embedding; one that differs from the model's is used in its place, as PEFT does, and <see cref="LoadRemarks"/> says so.
    /// </remarks>
    /// <param name="model">Model to attach to.</param>
    /// <param name="folder">PEFT folder.</param>
    /// <param name="seed">Seed of dropout, if the folder asks for any.</param>
    /// <exception cref="CheckpointException">
    /// A file is absent or broken, the configuration asks for something that is not offered, or tensors and configuration and model do not agree. PEFT loads some of
    /// these and ignores the rest.
    /// </exception>
    public static LoraAdapter Load(CausalLm model, string folder, long seed = 0)
    {
        RequireFree(model);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var config = PeftConfig.Read(folder);
        var read = LoraFolder.Read(folder, config, model);
        List<string> remarks = [.. config.Unknown.Select(field => $"{config.File}: {field} is not known here and has no effect.")];
        var replaced = read.Replaced.Select(r => (r.Target, r.Value.to(model.Dtype).to(model.Device))).ToList();
        replaced.AddRange(OtherBases(folder, read, model, remarks));
        var dropout = NewDropout(config, model, seed);
        var dtype = WorkingDtype(model.Dtype);
        Tensor Move(Tensor tensor) => tensor.to(dtype).to(model.Device);
        var layers = read.Layers
            .Select(t => new LoraLayer(
                t.Target, Move(t.A), Move(t.B), t.Magnitude is { } m ? Move(m) : null, config.AlphaOf(t.Target.Name), config.ScalingOf(t.Target.Name), dropout))
            .ToList();
        return new(model, config, layers, dropout, replaced, read) { LoadRemarks = remarks };
    }

    private static LoraLayer Fresh(AdaptableWeight target, PeftConfig config, torch.Generator generator, LoraDropout? dropout)
    {
        long rank = config.RankOf(target.Name), rows = target.Weight.shape[0], columns = target.Weight.shape[1];
        var (dtype, device) = (WorkingDtype(target.Weight.dtype), target.Weight.device);
        Tensor a, b;
        if (target is TokenEmbedding)
        {
            a = torch.zeros([rank, rows], dtype, device);
            b = torch.randn([columns, rank], torch.ScalarType.Float32, generator: generator);
        }
        else
        {
            var bound = 1 / Math.Sqrt(columns);
            a = torch.rand([rank, columns], torch.ScalarType.Float32, generator: generator).mul_(2 * bound).sub_(bound);
            b = torch.zeros([rows, rank], dtype, device);
        }

        var magnitude = config.Dora ? LoraLayer.RowNorms(target, dtype) : null;
        return new(target, a.to(dtype).to(device), b.to(dtype).to(device), magnitude, config.AlphaOf(target.Name), config.ScalingOf(target.Name), dropout);
    }

    /// <summary>Base matrices of the folder that are not the model's, to be used in their place.</summary>
    private static List<(AdaptableWeight Target, Tensor Value)> OtherBases(string folder, LoraFolder.Content read, CausalLm model, List<string> remarks)
    {
        List<(AdaptableWeight, Tensor)> others = [];
        foreach (var (target, stored) in read.Bases)
        {
            var value = stored.to(model.Dtype).to(model.Device);
            if (value.eq(target.Weight).all().ToBoolean())
                continue;
            var difference = (value.to(torch.ScalarType.Float64) - target.Weight.to(torch.ScalarType.Float64)).abs().max().ToDouble();
            var key = LoraFolder.BaseKey(target);
            if (model.Config.TiedHead)
                throw new CheckpointException(Path.Combine(folder, LoraFolder.WeightsName), key, "the matrix of the model, whose head is tied", $"another (largest difference {difference:g3})");
            remarks.Add($"{folder}: {key} differs from the model's by up to {difference:g3} and is used in its place.");
            others.Add((target, value));
        }

        return others;
    }

    private static LoraDropout? NewDropout(PeftConfig config, CausalLm model, long seed) => config.Dropout > 0 ? new(config.Dropout, seed, model.Device) : null;

    private static torch.ScalarType WorkingDtype(torch.ScalarType model) => model == torch.ScalarType.Float64 ? torch.ScalarType.Float64 : torch.ScalarType.Float32;

    private static void RequireFree(CausalLm model)
    {
        if (model.AdaptableWeights.FirstOrDefault(p => p.IsAdapted) is { } taken)
            throw new ArgumentException($"LoRA: {taken.Name} has an adapter already.", nameof(model));
    }
}
