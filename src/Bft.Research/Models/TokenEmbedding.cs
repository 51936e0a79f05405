namespace Bft.Research.Models;

/// <summary>The table that turns token ids into hidden states, with a place for an adapter.</summary>
/// <remarks>It does not own the table. With a tied head the base table is the head's too; adapters change this side only, as in PEFT.</remarks>
public sealed class TokenEmbedding : AdaptableWeight
{
    internal TokenEmbedding(string name, Tensor weight)
        : base(name, weight)
    {
    }

    /// <summary>Low-rank update of the table, or null.</summary>
    internal LoraLayer? Adapter { get; set; }

    internal override bool IsAdapted => Adapter is not null || Replacement is not null;

    /// <summary>[N] int64 ids to [N, D] rows, in the current dispose scope.</summary>
    internal Tensor Forward(Tensor ids)
    {
        var rows = Current.index_select(0, ids);
        return Adapter is null ? rows : Adapter.AddEmbedded(ids, rows);
    }
}
