using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Objectives;

namespace Bft.Research.Verification.Evaluation;

/// <summary>The real 135M model that cases of the area <c>real-model</c> are about.</summary>
internal static class RealModel
{
    private const string Folder = "smollm2-135m-instruct";

    /// <summary>The model, loaded once a context; float32 where float64 is asked for, since the tolerances of the area are what float32 reaches and the run takes a third of the time.</summary>
    public static CausalLm Load(GoldenCase golden, VerificationContext context)
    {
        var folder = context.Resolve(golden, Folder);
        var dtype = context.Dtype == torch.ScalarType.Float64 ? torch.ScalarType.Float32 : context.Dtype;
        return context.Cached($"CausalLm {folder} {dtype}", () => CausalLm.Load(folder, dtype, context.Device));
    }

    /// <summary>What the model says about every id of a text after the first.</summary>
    public static LmHeadStatistics Score(CausalLm model, long[] ids)
    {
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var hidden = model.Hidden(torch.tensor(ids, [1, ids.Length], device: model.Device));
        return model.HeadStatistics(hidden, NextToken.Align(ids, 1, ids.Length));
    }
}
