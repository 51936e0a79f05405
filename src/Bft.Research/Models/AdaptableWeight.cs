namespace Bft.Research.Models;

/// <summary>A matrix of a model that an adapter may change: a linear layer, the head, or the token embedding.</summary>
public abstract class AdaptableWeight
{
    private protected AdaptableWeight(string name, Tensor weight)
    {
        Name = name;
        Weight = weight;
    }

    /// <summary>Name in Hugging Face files without <c>.weight</c>, for example <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public string Name { get; }

    /// <summary>[rows, columns] of the base model.</summary>
    public Tensor Weight { get; internal set; }

    /// <summary>What stands in for <see cref="Weight"/> while an adapter that replaces it is attached; of the same shape and dtype, owned by the adapter.</summary>
    internal Tensor? Replacement { get; set; }

    /// <summary>The matrix that the model computes with, before any low-rank update.</summary>
    internal Tensor Current => Replacement ?? Weight;

    /// <summary>Whether an adapter changes this matrix.</summary>
    internal abstract bool IsAdapted { get; }
}
