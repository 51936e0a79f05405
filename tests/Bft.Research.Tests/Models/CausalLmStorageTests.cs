using Bft.Research.Checkpoints;
using Bft.Research.Models;
using static Bft.Research.Tests.Models.TinyDecoder;

namespace Bft.Research.Tests.Models;

public sealed class CausalLmStorageTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"bft-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(DecoderFamily.Llama, true, torch.ScalarType.Float32)]
    [InlineData(DecoderFamily.Qwen2, false, torch.ScalarType.BFloat16)]
    [InlineData(DecoderFamily.Qwen3, true, torch.ScalarType.Float64)]
    public void A_saved_model_loads_bit_for_bit(DecoderFamily family, bool tied, torch.ScalarType dtype)
    {
        using var scope = torch.NewDisposeScope();
        using var model = Create(Config(family) with { TiedHead = tied }, dtype);
        model.Save(_folder);
        using var again = CausalLm.Load(_folder);
        Assert.Equal(dtype, again.Dtype);
        Assert.Empty(again.LoadRemarks);
        Assert.Equal(model.Parameters.Select(p => p.Name), again.Parameters.Select(p => p.Name));
        Assert.All(model.Parameters.Zip(again.Parameters), pair => Assert.True(pair.First.Value.eq(pair.Second.Value).all().ToBoolean(), pair.First.Name));
        Assert.Throws<IOException>(() => model.Save(_folder));
    }

    [Fact]
    public void Weights_follow_from_the_seed_alone()
    {
        using var scope = torch.NewDisposeScope();
        using CausalLm model = CausalLm.Create(Config(), 1), same = CausalLm.Create(Config(), 1), other = CausalLm.Create(Config(), 2);
        Assert.Equal(0, Distance(model.HeadWeight, same.HeadWeight));
        Assert.NotEqual(0, Distance(model.HeadWeight, other.HeadWeight));
        Assert.InRange(model.HeadWeight.std().ToDouble(), 0.27, 0.33);
        Assert.All(model.Parameters.Where(p => p.Value.dim() == 1), p => Assert.Equal(1, p.Value.min().ToDouble()));
        Assert.Equal(model.Parameters.Sum(p => p.Value.numel()), model.Config.ParameterCount);
    }

    [Theory]
    [InlineData("model.layers.1.mlp.up_proj.weight", "none")]
    [InlineData("lm_head.weight", "none")]
    public void An_absent_tensor_is_an_error(string name, string actual)
    {
        var error = LoadWith(tensors => tensors.RemoveAll(t => t.Name == name));
        Assert.Equal(name, error.Field);
        Assert.StartsWith(actual, error.Actual, StringComparison.Ordinal);
    }

    [Fact]
    public void A_superfluous_a_transposed_and_an_integer_tensor_are_errors()
    {
        Assert.Equal("model.layers.0.self_attn.q_proj.bias", LoadWith(tensors => tensors.Add(("model.layers.0.self_attn.q_proj.bias", torch.zeros(32)))).Field);
        Assert.Equal("[24, 40]", LoadWith(tensors => Change(tensors, "model.layers.0.mlp.down_proj.weight", t => t.t().contiguous())).Expected);
        Assert.Equal("I32", LoadWith(tensors => Change(tensors, "model.norm.weight", t => t.to(torch.ScalarType.Int32))).Actual);
    }

    [Fact]
    public void Old_buffers_and_empty_tensors_are_passed_over()
    {
        using var scope = torch.NewDisposeScope();
        using var model = LoadChanged(tensors => tensors.AddRange([("model.layers.0.self_attn.rotary_emb.inv_freq", torch.zeros(4)), ("left.over", torch.zeros(0))]));
        Assert.Equal(Config().ParameterCount, model.Config.ParameterCount);
    }

    [Fact]
    public void A_tied_configuration_with_another_stored_head_uses_it_and_says_so()
    {
        using var scope = torch.NewDisposeScope();
        void AddHead(List<(string Name, Tensor Value)> tensors, double by) =>
            tensors.Add(("lm_head.weight", tensors.Single(t => t.Name == "model.embed_tokens.weight").Value + by));
        using var differs = LoadChanged(tensors => AddHead(tensors, 1), tied: true);
        Assert.False(differs.Config.TiedHead);
        Assert.Contains("differs from the embedding", Assert.Single(differs.LoadRemarks), StringComparison.Ordinal);
        Directory.Delete(_folder, recursive: true);
        using var same = LoadChanged(tensors => AddHead(tensors, 0), tied: true);
        Assert.True(same.Config.TiedHead);
        Assert.Empty(same.LoadRemarks);
    }

    private static void Change(List<(string Name, Tensor Value)> tensors, string name, Func<Tensor, Tensor> change)
    {
        var at = tensors.FindIndex(t => t.Name == name);
        tensors[at] = (name, change(tensors[at].Value));
    }

    private CheckpointException LoadWith(Action<List<(string Name, Tensor Value)>> change)
    {
        using var scope = torch.NewDisposeScope();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
        return Assert.Throws<CheckpointException>(() => LoadChanged(change).Dispose());
    }

    private CausalLm LoadChanged(Action<List<(string Name, Tensor Value)>> change, bool tied = false)
    {
        using var model = Create(Config() with { TiedHead = tied }, torch.ScalarType.Float32);
        var tensors = model.Parameters.ToList();
        change(tensors);
        Directory.CreateDirectory(_folder);
        SafetensorsWriter.WriteFolder(_folder, tensors);
        File.WriteAllText(Path.Combine(_folder, "config.json"), model.Config.ToJson(torch.ScalarType.Float32));
        return CausalLm.Load(_folder);
    }
}
