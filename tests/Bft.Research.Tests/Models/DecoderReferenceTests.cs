using Bft.Research.Checkpoints;
using Bft.Research.Models;
using Bft.Research.Verification;
using Bft.Tests;

namespace Bft.Research.Tests.Models;

/// <summary>Stored decoders against reference logits; what must not pass does not.</summary>
public class DecoderReferenceTests
{
    [Fact]
    public void Every_reference_case_of_the_models_passes()
    {
        var folder = SharedFolder.Require("golden", "models");
        using var context = new VerificationContext(SharedFolder.Root);
        var outcomes = Verifier.Run(folder, context).ToList();
        Assert.Empty(outcomes.Where(outcome => !outcome.Passed).Select(outcome => $"{outcome.Case.Id}: {string.Join("; ", outcome.Mismatches)}"));
        Assert.True(outcomes.Count >= 190);
    }

    [Theory]
    [InlineData("logits/llama-plain/single")]
    [InlineData("logits/qwen2-window-used/longer-than-window")]
    [InlineData("logits/qwen3-untied/single")]
    public void Float32_and_bfloat16_are_as_close_as_Transformers(string id)
    {
        using var scope = torch.NewDisposeScope();
        var golden = Case(id);
        var allowed = golden.Expect("max_abs_error_of");
        Assert.True(Error(golden, torch.ScalarType.Float32) <= 4 * allowed.GetProperty("transformers_float32").GetDouble());
        Assert.True(Error(golden, torch.ScalarType.BFloat16) <= 2 * allowed.GetProperty("transformers_bfloat16").GetDouble());
        Assert.False(Error(golden, torch.ScalarType.BFloat16) <= 4 * allowed.GetProperty("transformers_float32").GetDouble());
    }

    [Fact]
    public void Wrong_variants_are_far_from_the_reference()
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        var plain = Case("logits/llama-plain/single");
        Assert.True(Error(plain) < 1e-9);
        Assert.True(Error(plain, change: config => config with { Rotary = config.Rotary with { Theta = 5000 } }) > 1e-3);
        Assert.True(Error(plain, change: config => config with { NormEpsilon = 1e-3 }) > 1e-3);
        Assert.True(Error(plain, change: config => config with { Activation = GateActivation.Gelu }) > 1e-3);
        Assert.True(Error(plain, hidden: WithoutFinalNorm) > 1e-3);
        Assert.True(Error(plain, hidden: WithInterleavedKeyValueHeads) > 1e-3);
        var window = Case("logits/qwen2-window-used/longer-than-window");
        Assert.True(Error(window) < 1e-9);
        foreach (var width in (int?[])[5, 7, null])
            Assert.True(Error(window, change: config => config with { LayerWindows = [null, width, width] }) > 1e-3);
    }

    private static Tensor WithoutFinalNorm(CausalLm model, Tensor ids)
    {
        using var context = model.NewContext((int)ids.size(0), (int)ids.size(1));
        return model.Blocks.Aggregate(model.Embed(ids), (hidden, block) => block.Forward(hidden, context));
    }

    /// <summary>Swapping query heads 1 and 2 of 4 is the same as letting head h read key-value head h mod 2.</summary>
    private static Tensor WithInterleavedKeyValueHeads(CausalLm model, Tensor ids)
    {
        var order = torch.cat([torch.arange(0, 8), torch.arange(16, 24), torch.arange(8, 16), torch.arange(24, 32)]);
        foreach (var projection in model.Projections)
        {
            if (projection.Name.EndsWith("q_proj", StringComparison.Ordinal))
                projection.Weight.copy_(projection.Weight.index_select(0, order));
            else if (projection.Name.EndsWith("o_proj", StringComparison.Ordinal))
                projection.Weight.copy_(projection.Weight.index_select(1, order));
        }

        return model.Hidden(ids);
    }

    private static GoldenCase Case(string id) =>
        Verifier.Read(SharedFolder.Require("golden", "models", "logits.json")).Single(golden => golden.Id == id);

    private static double Error(
        GoldenCase golden, torch.ScalarType dtype = torch.ScalarType.Float64, Func<CausalLmConfig, CausalLmConfig>? change = null, Func<CausalLm, Tensor, Tensor>? hidden = null)
    {
        var folder = SharedFolder.Require("golden", "models", golden.Input("model").Text());
        var config = CausalLmConfig.Read(folder);
        using var source = SafetensorsWeights.Open(folder);
        using var model = CausalLm.Load(change?.Invoke(config) ?? config, source, dtype);
        var ids = golden.Tensor(golden.Input("input_ids")).to(torch.ScalarType.Int64);
        var expected = golden.Tensor(golden.Expect("logits"));
        var logits = model.Logits(hidden?.Invoke(model, ids) ?? model.Hidden(ids));
        return TinyDecoder.Distance(expected, logits.narrow(1, logits.size(1) - expected.size(1), expected.size(1)));
    }
}
