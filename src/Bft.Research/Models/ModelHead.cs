using Bft.Research.Numerics;
using Bft.Research.Objectives;

namespace Bft.Research.Models;

/// <summary>The head of a model under an objective, with whatever an adapter adds to it.</summary>
/// <remarks>The only place that hands a model's head to the head routines, so that an adapter on it cannot be forgotten.</remarks>
internal static class ModelHead
{
    /// <summary>Loss and gradients of one micro-batch; see <see cref="LmHead.Backward(Tensor, Tensor, Tensor?, ScoredPositions, IObjective, BatchTotals, LmHeadOptions?)"/>.</summary>
    /// <remarks>Gradients of an update of the head are added to those of its A, B and m; its part of ∂L/∂hidden is in the result.</remarks>
    public static LmHeadResult HeadBackward(
        this CausalLm model, Tensor hidden, ScoredPositions scored, IObjective objective, BatchTotals totals, LmHeadOptions? options = null)
    {
        if (model.Head.Adapter is null)
            return LmHead.Backward(hidden, model.HeadWeight, model.HeadBias, scored, objective, totals, options);
        using var scope = torch.NewDisposeScope();
        var layer = Lora(model);
        var thinned = layer.Dropped(hidden.detach()).requires_grad_(true);
        var update = Update(layer, thinned);
        var result = LmHead.Backward(hidden.detach(), model.HeadWeight, model.HeadBias, scored, objective, totals, options, update);
        update.Low.backward([update.GradLow!]);
        if (update.GradScale is { } gradScale)
            update.Scale!.backward([gradScale]);
        using var off = torch.no_grad();
        var gradThinned = update.GradThinned is { } direct ? thinned.grad! + direct : thinned.grad!;
        return result with { GradHidden = (result.GradHidden + layer.Dropped(gradThinned)).MoveToOuterDisposeScope() };
    }

    /// <summary>[S] log-probabilities (nats) of the targets.</summary>
    public static double[] HeadLogProbs(this CausalLm model, Tensor hidden, ScoredPositions scored, LmHeadOptions? options = null)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        return LmHead.LogProbs(hidden, model.HeadWeight, model.HeadBias, scored, options, Update(model, hidden));
    }

    /// <summary>What the next-token distribution says about each scored token.</summary>
    public static LmHeadStatistics HeadStatistics(this CausalLm model, Tensor hidden, ScoredPositions scored, LmHeadOptions? options = null)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        return LmHeadStatistics.Measure(hidden, model.HeadWeight, model.HeadBias, scored, options, Update(model, hidden));
    }

    private static HeadUpdate? Update(CausalLm model, Tensor hidden)
    {
        if (model.Head.Adapter is null)
            return null;
        var layer = Lora(model);
        return Update(layer, layer.Dropped(hidden));
    }

    /// <summary>Under dropout DoRA thins what the base makes of its factor, too: PEFT's f − 1 acts on W·x'.</summary>
    private static HeadUpdate Update(LoraLayer layer, Tensor thinned) =>
        new(layer.Low(thinned), layer.B, layer.Factor(), layer.Magnitude is not null && layer.Drops ? thinned : null);

    private static LoraLayer Lora(CausalLm model) =>
        model.Head.Adapter as LoraLayer ?? throw new NotSupportedException($"{model.Head.Name}: expected a low-rank update, actual {model.Head.Adapter!.GetType().Name}.");
}
