using Bft.Research.Models;

namespace Bft.Benchmarks;

/// <summary>What both sides read: the model in safetensors, a fresh adapter, and token ids; in a folder that is removed afterwards.</summary>
internal sealed class ComparisonFiles : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-benchmark-").FullName;
    private readonly int _vocabulary;

    public ComparisonFiles(ComparisonSetting setting)
    {
        using var model = CausalLm.Load(setting.Model, setting.Dtype == "bf16" ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32);
        _vocabulary = model.Config.VocabularySize;
        model.Save(Model);
        using var adapter = LoraAdapter.Create(model, new(), 42);
        adapter.Save(Adapter);
    }

    public string Model => Path.Combine(_folder, "model");

    public string Adapter => Path.Combine(_folder, "adapter");

    public long[] Ids(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt64(100, _vocabulary))];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
