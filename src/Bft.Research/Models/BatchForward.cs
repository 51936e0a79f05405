using Bft.Research.Data;
using Bft.Research.Objectives;

namespace Bft.Research.Models;

/// <summary>Sends a micro-batch through a model.</summary>
internal static class BatchForward
{
    /// <summary>Hidden states [B, T, D] after the final norm, in the current dispose scope.</summary>
    public static Tensor Hidden(this CausalLm model, TokenBatch batch)
    {
        var (ids, context) = model.Place(batch);
        using (context)
            return model.Hidden(ids, context);
    }

    /// <summary>[B, T] ids on the device of the model, in the current dispose scope, and the context of the batch, which the caller disposes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="dtype">Dtype in which blocks are computed; null for the model's.</param>
    public static (Tensor Ids, ForwardContext Context) Place(this CausalLm model, TokenBatch batch, torch.ScalarType? dtype = null)
    {
        long[] shape = [batch.Rows, batch.Length];
        var mask = batch.AttentionMask is { } real ? torch.tensor(real, shape, device: model.Device) : null;
        var positions = batch.PositionIds is { } p ? torch.tensor(p, shape, device: model.Device) : null;
        var samples = batch.SampleIds is { } s ? torch.tensor(s, shape, device: model.Device) : null;
        return (torch.tensor(batch.InputIds, shape, device: model.Device), model.Context(batch.Rows, batch.Length, mask, positions, samples, null, dtype ?? model.Dtype));
    }

    /// <summary>What the model says about each supervised token of a batch; no graph is built.</summary>
    public static LmHeadStatistics Measure(this CausalLm model, TokenBatch batch, LmHeadOptions? head = null)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        return model.HeadStatistics(model.Hidden(batch), batch.Scored, head);
    }

    /// <summary>Tokens that are not padding.</summary>
    public static long RealTokens(this TokenBatch batch) => batch.AttentionMask?.LongCount(real => real) ?? batch.InputIds.Length;
}
