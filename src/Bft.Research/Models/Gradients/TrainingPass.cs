using Bft.Research.Data;

namespace Bft.Research.Models.Gradients;

/// <summary>One micro-batch through the blocks and back.</summary>
/// <remarks>
/// With gradient checkpointing (Chen et al. 2016) only the input of every block is kept; on the way back each block runs again. Dropout follows from its step and layer
/// alone, so the second run drops what the first one dropped. Blocks below the first one that trains are never recorded, and the input of that one gets no gradient unless
/// the embedding trains.
/// </remarks>
internal abstract class TrainingPass : IDisposable
{
    /// <summary>[B, T, D] after the final norm in the dtype of the model, in the dispose scope of the pass's making.</summary>
    public abstract Tensor Hidden { get; }

    /// <summary>Sends a micro-batch forward.</summary>
    /// <param name="model">The model; what requires grad will get one.</param>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="checkpointing">Whether blocks are computed again on the way back instead of keeping what they computed.</param>
    /// <param name="work">Where gradients are computed by hand, what that needs; null leaves it to autograd.</param>
    public static TrainingPass Run(CausalLm model, TokenBatch batch, bool checkpointing, GradientWorkspace? work)
    {
        var (ids, context) = model.Place(batch, work?.Dtype);
        return work is null ? new GraphPass(model, ids, context, checkpointing) : new RowPass(model, ids, context, checkpointing, work);
    }

    /// <summary>Adds the gradients of everything that requires grad in embedding, blocks and final norm; once.</summary>
    /// <param name="gradHidden">[B, T, D] ∂L/∂<see cref="Hidden"/>.</param>
    public abstract void Backward(Tensor gradHidden);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>The first block that has to be recorded, and whether the embedding trains.</summary>
    protected static (int First, bool EmbeddingTrains) Start(CausalLm model)
    {
        var embedding = model.Embedding.Adapter is not null || model.Embedding.Current.requires_grad;
        return (embedding ? 0 : model.Blocks.TakeWhile(block => !block.Trains).Count(), embedding);
    }
}
