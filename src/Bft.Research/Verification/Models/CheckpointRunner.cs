using Bft.Research.Checkpoints;
using Bft.Research.Models;

namespace Bft.Research.Verification.Models;

/// <summary>Kind <c>checkpoint</c>: folders that must be refused by name of the fault, and odd ones that must load.</summary>
internal sealed class CheckpointRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden is { Area: "models", Kind: "checkpoint" };

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var folder = context.Resolve(golden, golden.Input("folder").Text());
        if (golden.OptionalExpect("error") is { } reason)
        {
            compare.Exact($"refused ({reason.Text()})", true, Refuses(folder, context, compare));
            return;
        }

        compare.Widen(context.DtypeTolerance);
        using var model = CausalLm.Load(folder, context.Dtype, context.Device);
        compare.Exact("loads", golden.Expect("loads").GetBoolean(), true);
        if (golden.OptionalExpect("logits_last") is not { } expected)
            return;
        using var off = torch.no_grad();
        var ids = golden.Tensor(golden.Input("input_ids")).to(torch.ScalarType.Int64, context.Device);
        if (ids.dim() == 1)
            ids = ids.unsqueeze(0);
        var logits = model.Logits(model.Hidden(ids)).to(torch.ScalarType.Float64, torch.CPU);
        compare.Numbers("logits_last", golden.Numbers(expected), logits.select(1, logits.size(1) - 1).reshape(-1).data<double>().ToArray());
    }

    private static bool Refuses(string folder, VerificationContext context, Comparison compare)
    {
        try
        {
            using var model = CausalLm.Load(folder, context.Dtype, context.Device);
            return false;
        }
        catch (CheckpointException e)
        {
            compare.Exact("the error names its place", true, e.File.Length > 0 && e.Field.Length > 0);
            return true;
        }
    }
}
