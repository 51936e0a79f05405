using Bft.Research.Checkpoints;
using Bft.Research.Models;

namespace Bft.Research.Verification.Training;

/// <summary>PEFT folders beside and merged into a model, and folders that must be refused.</summary>
internal sealed class AdapterRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind is "adapter-logits" or "adapter-error";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        using var model = CausalLm.Load(context.Resolve(golden, golden.Input("model").Text()), context.Dtype, context.Device);
        var folder = context.Resolve(golden, golden.Input("adapter").Text());
        if (golden.Kind == "adapter-error")
        {
            Refused(golden, compare, model, folder);
            return;
        }

        if (context.Dtype != torch.ScalarType.Float64)
        {
            var peft = golden.Expect("max_abs_error_of");
            compare.Widen(new(4 * Math.Max(peft.GetProperty("peft_float32").Number(), peft.GetProperty("peft_float32_merged").Number()), 0));
            compare.Widen(context.DtypeTolerance);
        }

        using var adapter = LoraAdapter.Load(model, folder);
        CompareModules(golden, compare, adapter);
        compare.Numbers("logits", golden.Numbers(golden.Expect("logits")), Logits(golden, model));
        adapter.Merge();
        compare.Numbers("merged_logits", golden.Numbers(golden.Expect("merged_logits")), Logits(golden, model));
        CompareMerged(golden, compare, model);
    }

    private static void Refused(GoldenCase golden, Comparison compare, CausalLm model, string folder)
    {
        try
        {
            LoraAdapter.Load(model, folder).Dispose();
            compare.Fail($"loaded, though: {golden.Expect("error").Text()}");
        }
        catch (CheckpointException e)
        {
            compare.Exact("names the folder", true, e.Message.Contains(Path.GetFileName(folder), StringComparison.Ordinal));
        }
    }

    private static void CompareModules(GoldenCase golden, Comparison compare, LoraAdapter adapter)
    {
        var layers = adapter.Layers.ToDictionary(l => l.Target.Name);
        var modules = golden.Expect("modules").EnumerateArray().ToList();
        compare.ExactSequence("modules", modules.Select(m => m.GetProperty("module").Text()).Order(StringComparer.Ordinal), layers.Keys.Order(StringComparer.Ordinal));
        foreach (var module in modules)
        {
            if (!layers.TryGetValue(module.GetProperty("module").Text(), out var layer))
                continue;
            compare.Number($"{layer.Target.Name} r", module.GetProperty("r").Number(), layer.Rank);
            compare.Number($"{layer.Target.Name} alpha", module.GetProperty("alpha").Number(), layer.Alpha);
            compare.Number($"{layer.Target.Name} scaling", module.GetProperty("scaling").Number(), layer.Scaling);
        }

        compare.Number("trainable_parameters", golden.Expect("trainable_parameters").Number(), adapter.Stored.Sum(p => p.Value.numel()));
    }

    private static void CompareMerged(GoldenCase golden, Comparison compare, CausalLm model)
    {
        var weights = model.Parameters.ToDictionary(p => p.Name, p => p.Value);
        foreach (var sum in golden.Expect("merged_checksums").EnumerateObject())
        {
            var values = TrainingCases.Doubles(weights[sum.Name]);
            compare.Number($"{sum.Name} sum", sum.Value.GetProperty("sum").Number(), values.Sum());
            compare.Number($"{sum.Name} l2", sum.Value.GetProperty("l2").Number(), Math.Sqrt(values.Sum(v => v * v)));
            compare.Numbers($"{sum.Name} first", sum.Value.GetProperty("first"), values.AsSpan(0, sum.Value.GetProperty("first").GetArrayLength()));
        }

        var whole = golden.Expect("merged_weight");
        compare.Numbers("merged_weight", golden.Numbers(whole.GetProperty("value")), TrainingCases.Doubles(weights[$"{whole.GetProperty("module").Text()}.weight"]));
    }

    private static double[] Logits(GoldenCase golden, CausalLm model)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var rows = golden.Input("input_ids").IntegerRows();
        var ids = torch.tensor(rows.SelectMany(r => r).ToArray(), [rows.Length, rows[0].Length], device: model.Device);
        return TrainingCases.Doubles(model.Logits(model.Hidden(ids)));
    }
}
