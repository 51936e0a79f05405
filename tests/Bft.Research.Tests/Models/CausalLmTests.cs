using Bft.Research.Models;
using static Bft.Research.Tests.Models.TinyDecoder;

namespace Bft.Research.Tests.Models;

public class CausalLmTests
{
    private const double Exact = 1e-12;

    [Fact]
    public void Packed_samples_do_not_see_each_other()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Create();
        Tensor first = Ids(1, 5), second = Ids(1, 4, start: 11);
        var packed = torch.cat([first, second], 1);
        var hidden = model.Hidden(packed, sampleIds: Row(0, 0, 0, 0, 0, 1, 1, 1, 1), positionIds: Row(0, 1, 2, 3, 4, 0, 1, 2, 3));
        var apart = torch.cat([model.Hidden(first), model.Hidden(second)], 1);
        Assert.True(Distance(apart, hidden) < Exact);
        Assert.True(Distance(apart, model.Hidden(packed, positionIds: Row(0, 1, 2, 3, 4, 0, 1, 2, 3))) > 0.01); // wrong: attention over the border
    }

    [Fact]
    public void Padding_changes_nothing_on_either_side()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Create();
        Tensor ids = Ids(1, 5), padding = torch.zeros([1, 3], torch.ScalarType.Int64);
        var alone = model.Hidden(ids);
        var right = model.Hidden(torch.cat([ids, padding], 1), Row(1, 1, 1, 1, 1, 0, 0, 0));
        var padded = torch.cat([padding, ids], 1);
        var left = model.Hidden(padded, Row(0, 0, 0, 1, 1, 1, 1, 1), Row(0, 0, 0, 0, 1, 2, 3, 4));
        Assert.True(Distance(alone, right.narrow(1, 0, 5)) < Exact);
        Assert.True(Distance(alone, left.narrow(1, 3, 5)) < Exact);
        Assert.True(left.isfinite().all().ToBoolean());
        Assert.True(Distance(alone, model.Hidden(padded).narrow(1, 3, 5)) > 0.01); // wrong: no mask
    }

    [Fact]
    public void A_window_counts_the_query_itself()
    {
        using var scope = torch.NewDisposeScope();
        var config = Config(DecoderFamily.Qwen3) with { Layers = 1, LayerWindows = [3] };
        using var model = Create(config);
        using var narrower = Create(config with { LayerWindows = [2] });
        var ids = Ids(1, 8);
        Tensor Last(CausalLm m, Tensor x) => m.Hidden(x).narrow(1, x.size(1) - 1, 1);
        var tail = ids.narrow(1, 5, 3);
        Assert.True(Distance(Last(model, ids), Last(model, tail)) < Exact); // one layer: the last position depends on three tokens
        Assert.True(Distance(Last(narrower, ids), Last(model, tail)) > 1e-3); // wrong: off by one
    }

    [Theory]
    [InlineData(DecoderFamily.Llama)]
    [InlineData(DecoderFamily.Qwen2)]
    [InlineData(DecoderFamily.Qwen3)]
    public void A_cache_gives_what_the_whole_pass_gives(DecoderFamily family)
    {
        using var scope = torch.NewDisposeScope();
        using var model = Create(Config(family) with { LayerWindows = family == DecoderFamily.Llama ? [] : [null, 4] });
        var ids = Ids(2, 9);
        var whole = model.Hidden(ids);
        using var cache = new KeyValueCache(model, 2, 9);
        var parts = new List<Tensor>();
        foreach (var length in (int[])[4, 1, 1, 2, 1])
        {
            using var context = model.NewContext(2, length, cache: cache);
            parts.Add(model.Hidden(ids.narrow(1, cache.Length, length), context));
        }

        Assert.True(Distance(whole, torch.cat(parts, 1)) < Exact);
        cache.Truncate(7);
        using var again = model.NewContext(2, 1, cache: cache);
        Assert.True(Distance(whole.narrow(1, 8, 1), model.Hidden(ids.narrow(1, 8, 1), again)) > 1e-3); // wrong: one position forgotten
    }

    [Fact]
    public void Gradients_are_the_slopes_of_the_hidden_states()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Create(Config(DecoderFamily.Qwen3));
        Tensor ids = Ids(2, 6), probe = torch.randn([2, 6, 24], torch.ScalarType.Float64, generator: new torch.Generator(3));
        foreach (var (name, value) in model.Parameters.Where(p => p.Name.Contains("layers.0", StringComparison.Ordinal) || p.Name == "model.embed_tokens.weight"))
        {
            value.requires_grad = true;
            (model.Hidden(ids) * probe).sum().backward();
            var direction = torch.randn(value.shape, torch.ScalarType.Float64, generator: new torch.Generator(5));
            var slope = (value.grad! * direction).sum().ToDouble();
            value.requires_grad = false;
            double At(double step)
            {
                using var moved = direction * step;
                value.add_(moved);
                var at = (model.Hidden(ids) * probe).sum().ToDouble();
                value.sub_(moved);
                return at;
            }

            var measured = (At(1e-5) - At(-1e-5)) / 2e-5;
            Assert.True(Math.Abs(slope - measured) < 1e-6 * Math.Max(1, Math.Abs(slope)), $"{name}: {slope} against {measured}");
            Assert.False(Math.Abs(slope * 1.001 - measured) < 1e-6 * Math.Max(1, Math.Abs(slope)) && Math.Abs(slope) > 0.01, name); // wrong by a thousandth
        }
    }

    [Fact]
    public void Frozen_weights_build_no_graph_and_an_adapter_builds_one()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Create();
        var ids = Ids(1, 4);
        Assert.False(model.Hidden(ids).requires_grad);
        var shift = torch.zeros([24], torch.ScalarType.Float64, requires_grad: true);
        model.Projections.Single(p => p.Name == "model.layers.1.mlp.down_proj").Adapter = new Shift(shift);
        model.Hidden(ids).sum().backward();
        Assert.NotNull(shift.grad);
        Assert.All(model.Parameters, p => Assert.Null(p.Value.grad));
    }

    [Fact]
    public void Blocks_can_be_run_again_one_by_one()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Create();
        var ids = Ids(2, 6);
        var parameters = model.Parameters.Where(p => p.Name != "lm_head.weight").ToList();
        foreach (var (_, value) in parameters)
            value.requires_grad = true;
        model.Hidden(ids).square().sum().backward();
        var whole = parameters.ToDictionary(p => p.Name, p => p.Value.grad!.clone());
        foreach (var (_, value) in parameters)
            value.grad!.zero_();

        using var context = model.NewContext(2, 6);
        Tensor Leaf(Tensor x) => x.detach().requires_grad_(true);
        List<Tensor> inputs = [model.Embed(ids)];
        using (torch.no_grad())
            foreach (var block in model.Blocks)
                inputs.Add(block.Forward(inputs[^1], context));
        var leaf = Leaf(inputs[^1]);
        model.FinalNorm(leaf).square().sum().backward();
        for (var i = model.Blocks.Count - 1; i >= 0; i--)
        {
            var gradient = leaf.grad!;
            leaf = Leaf(inputs[i]);
            model.Blocks[i].Forward(leaf, context).backward([gradient]);
        }

        inputs[0].backward([leaf.grad!]);
        Assert.All(parameters, p => Assert.True(Distance(whole[p.Name], p.Value.grad!) < Exact, p.Name));
    }

    [Fact]
    public void The_live_tensor_count_stays_flat()
    {
        using var outer = torch.NewDisposeScope();
        using var model = Create(Config(DecoderFamily.Qwen3) with { LayerWindows = [null, 3] });
        using Tensor ids = Ids(2, 6), mask = torch.ones_like(ids);
        void Once()
        {
            using var scope = torch.NewDisposeScope();
            model.Logits(model.Hidden(ids, mask, sampleIds: mask)).Dispose();
            model.Hidden(ids).Dispose();
        }

        Once();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++)
            Once();
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        using var kept = model.Hidden(ids);
        Assert.NotEqual(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount); // one kept tensor is seen
    }

    [Fact]
    public void Arguments_of_another_shape_are_named()
    {
        using var scope = torch.NewDisposeScope();
        using var model = Create();
        Assert.Contains("inputIds", Assert.Throws<ArgumentException>(() => model.Hidden(torch.zeros([3], torch.ScalarType.Int64))).Message, StringComparison.Ordinal);
        Assert.Contains("expected [1, 4], actual [1, 3]", Assert.Throws<ArgumentException>(() => model.Hidden(Ids(1, 4), Ids(1, 3))).Message, StringComparison.Ordinal);
        Assert.Contains("negative", Assert.Throws<ArgumentException>(() => model.Hidden(Ids(1, 2), positionIds: Row(0, -1))).Message, StringComparison.Ordinal);
    }

    private sealed class Shift(Tensor by) : IProjectionAdapter
    {
        public Tensor Add(Tensor x, Tensor y) => y + by;
    }
}
