namespace Bft.Research.Objectives;

/// <summary>
/// A low-rank addition to a head: logits = (hidden·Wᵀ + low·upᵀ) ∘ scale + bias, tile by tile, without a head of its own. Where the scale sees other states than the head (DoRA under
/// dropout): logits = (hidden − thinned)·Wᵀ + (thinned·Wᵀ + low·upᵀ) ∘ scale + bias.
/// </summary>
/// <remarks>Tensors stay the maker's. <see cref="LmHead.Backward(Tensor, Tensor, Tensor?, Numerics.ScoredPositions, IObjective, BatchTotals, LmHeadOptions?, HeadUpdate?)"/> fills in the gradients.</remarks>
/// <param name="low">[B,T,r] in the dtype of the hidden states; read detached.</param>
/// <param name="up">[V,r]. If it requires grad its gradient is added to <c>up.grad</c> in place.</param>
/// <param name="scale">[V] factor of every logit, or null for one; read detached.</param>
/// <param name="thinned">[B,T,D] in the dtype of the hidden states, or null for the hidden states themselves; only beside a scale and a weight that does not train; read detached.</param>
internal sealed class HeadUpdate(Tensor low, Tensor up, Tensor? scale, Tensor? thinned = null)
{
    public Tensor Low => low;

    public Tensor Up => up;

    public Tensor? Scale => scale;

    public Tensor? Thinned => thinned;

    /// <summary>[B,T,r] ∂L/∂low, in the scope of the caller.</summary>
    public Tensor? GradLow { get; set; }

    /// <summary>[V] ∂L/∂scale where the scale requires grad, in the scope of the caller.</summary>
    public Tensor? GradScale { get; set; }

    /// <summary>[B,T,D] ∂L/∂thinned where there are such states, in the scope of the caller.</summary>
    public Tensor? GradThinned { get; set; }
}
