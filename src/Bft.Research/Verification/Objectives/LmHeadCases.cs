using Bft.Research.Objectives;

namespace Bft.Research.Verification.Objectives;

/// <summary>Kind <c>lm-head</c>: the chunked head, once with the case's own dtype and tiles that cut tokens and vocabulary, once with a frozen weight.</summary>
internal sealed class LmHeadCases : ICaseRunner
{
    private static readonly LmHeadOptions s_small = new() { TokenChunk = 4, VocabularyChunk = 7 };

    public bool Handles(GoldenCase golden) => golden.Kind == "lm-head";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var named = golden.OptionalInput("dtype")?.GetString();
        var dtype = named switch
        {
            null or "float64" => context.Dtype,
            "float32" => torch.ScalarType.Float32,
            "bfloat16" => torch.ScalarType.BFloat16,
            _ => throw new FormatException($"dtype: '{named}' is not known."),
        };
        if (named is null or "float64")
            compare.Widen(context.DtypeTolerance);
        foreach (var options in new[] { new LmHeadOptions(), s_small })
            foreach (var trains in new[] { true, false })
                RunHead(golden, compare, dtype, context.Device, options, trains);
    }

    private static void RunHead(GoldenCase golden, Comparison compare, torch.ScalarType dtype, torch.Device device, LmHeadOptions options, bool trains)
    {
        using var scope = torch.NewDisposeScope();
        Tensor Leaf(string name) => golden.Tensor(golden.Input(name)).to(dtype, device).requires_grad_(trains);
        var weight = Leaf("weight");
        var bias = golden.OptionalInput("bias") is null ? null : Leaf("bias");
        var tied = golden.Input("tied").GetBoolean();
        var hidden = tied ? Embedded(golden, weight, dtype, device) : golden.Tensor(golden.Input("hidden")).to(dtype, device);
        var scored = ObjectiveLogitsCases.Scored(golden);
        var objective = Objective.Create(ObjectiveInputs.Options(golden));
        var totals = ObjectiveInputs.Totals(golden, scored.Count, scored.Samples, 1);
        var result = LmHead.Backward(hidden, weight, bias, scored, objective, totals, options);

        compare.Number("loss", golden.Expect("loss").Number(), result.Weighting.Loss);
        compare.Numbers("grad_hidden", golden.Numbers(golden.Expect("grad_hidden")), ObjectiveLogitsCases.Values(result.GradHidden));
        if (golden.OptionalExpect("hidden") is { } expectedHidden)
            compare.Numbers("hidden", golden.Numbers(expectedHidden), ObjectiveLogitsCases.Values(hidden));
        if (golden.OptionalExpect("p_conf") is { } lowest)
            compare.Numbers("p_conf", lowest, result.Weighting.LowestWindows);
        if (golden.OptionalExpect("sequence_weight") is { } weights)
            compare.Numbers("sequence_weight", weights, result.Weighting.SequenceWeights);
        if (!trains)
            return;
        if (tied)
            hidden.backward([result.GradHidden]);
        CompareWeightGradient(golden, compare, weight.grad!);
        if (bias is not null)
            compare.Numbers("grad_bias", golden.Numbers(golden.Expect("grad_bias")), ObjectiveLogitsCases.Values(bias.grad!));
    }

    private static Tensor Embedded(GoldenCase golden, Tensor weight, torch.ScalarType dtype, torch.Device device)
    {
        var ids = golden.Input("input_ids").IntegerRows();
        var mix = golden.Tensor(golden.Input("mix")).to(dtype, device);
        var flat = torch.tensor(ids.SelectMany(row => row).ToArray(), device: device);
        return weight.index_select(0, flat).mm(mix).reshape(ids.Length, ids[0].Length, -1);
    }

    private static void CompareWeightGradient(GoldenCase golden, Comparison compare, Tensor grad)
    {
        if (golden.OptionalExpect("grad_weight") is { } all)
            compare.Numbers("grad_weight", golden.Numbers(all), ObjectiveLogitsCases.Values(grad));
        if (golden.OptionalExpect("grad_weight_row_ids") is not { } ids)
            return;
        var wide = grad.to(torch.ScalarType.Float64);
        var rows = wide.index_select(0, torch.tensor(ids.Integers(), device: grad.device));
        compare.Numbers("grad_weight_rows", golden.Numbers(golden.Expect("grad_weight_rows")), ObjectiveLogitsCases.Values(rows));
        compare.Number("grad_weight_frobenius", golden.Expect("grad_weight_frobenius").Number(), wide.pow(2).sum().sqrt().item<double>());
        compare.Numbers("grad_weight_column_sums", golden.Expect("grad_weight_column_sums"), ObjectiveLogitsCases.Values(wide.sum([0])));
        compare.Number("grad_weight_row_sum_abs", golden.Expect("grad_weight_row_sum_abs").Number(), wide.abs().sum().item<double>());
    }
}
