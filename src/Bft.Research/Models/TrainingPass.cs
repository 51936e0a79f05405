using Bft.Research.Data;

namespace Bft.Research.Models;

/// <summary>One micro-batch through the blocks and back, block by block.</summary>
/// <remarks>
/// With gradient checkpointing (Chen et al. 2016) only the input of every block is kept; on the way back each block runs again, with a graph of its own that
/// is freed at once. Dropout follows from its step and layer alone, so the second run drops what the first one dropped. Blocks below the first one that
/// trains are never recorded, and the input of the first one gets no gradient unless the embedding trains.
/// </remarks>
internal sealed class TrainingPass : IDisposable
{
    private readonly CausalLm _model;
    private readonly Tensor _ids;
    private readonly ForwardContext _context;
    private readonly bool _embeddingTrains;
    private readonly int _first;
    private readonly List<Tensor> _inputs = [];
    private readonly Tensor? _last;

    private TrainingPass(CausalLm model, Tensor ids, ForwardContext context, bool checkpointing)
    {
        _model = model;
        _ids = ids;
        _context = context;
        _embeddingTrains = model.Embedding.Adapter is not null || model.Embedding.Current.requires_grad;
        _first = _embeddingTrains ? 0 : model.Blocks.TakeWhile(block => !block.Trains).Count();
        if (!checkpointing)
        {
            Hidden = model.Hidden(ids, context);
            return;
        }

        _last = RunBlocks();
        Hidden = model.FinalNorm(_last);
    }

    /// <summary>[B, T, D] after the final norm, in the dispose scope of the pass's making.</summary>
    public Tensor Hidden { get; }

    /// <summary>Sends a micro-batch forward.</summary>
    /// <param name="model">The model; what requires grad will get one.</param>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="checkpointing">Whether blocks are computed again on the way back instead of keeping what they computed.</param>
    public static TrainingPass Run(CausalLm model, TokenBatch batch, bool checkpointing)
    {
        var (ids, context) = model.Place(batch);
        return new(model, ids, context, checkpointing);
    }

    /// <summary>Adds the gradients of everything that requires grad in embedding, blocks and final norm; once.</summary>
    /// <param name="gradHidden">[B, T, D] ∂L/∂<see cref="Hidden"/>.</param>
    public void Backward(Tensor gradHidden)
    {
        using var scope = torch.NewDisposeScope();
        if (Hidden.requires_grad)
            Hidden.backward([gradHidden]);
        var gradient = _last?.grad;
        for (var layer = _model.Blocks.Count - 1; gradient is not null && layer >= _first; layer--)
            gradient = Backward(layer, gradient);
        if (gradient is not null && _embeddingTrains)
            _model.Embed(_ids).backward([gradient]);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    /// <summary>All blocks without a graph; keeps what goes into each.</summary>
    private Tensor RunBlocks()
    {
        using var off = torch.no_grad();
        var hidden = _model.Embed(_ids);
        foreach (var block in _model.Blocks)
        {
            if (block.Layer >= _first)
                _inputs.Add(hidden);
            var next = block.Forward(hidden, _context);
            if (block.Layer < _first)
                hidden.Dispose();
            hidden = next;
        }

        return hidden.requires_grad_(_first < _model.Blocks.Count || _embeddingTrains);
    }

    /// <summary>Runs a block again with a graph and gives the gradient of its input, in the current dispose scope, or null where none is wanted.</summary>
    private Tensor? Backward(int layer, Tensor gradOutput)
    {
        using var scope = torch.NewDisposeScope();
        using var input = _inputs[layer - _first];
        var leaf = input.detach().requires_grad_(layer > _first || _embeddingTrains);
        _model.Blocks[layer].Forward(leaf, _context).backward([gradOutput]);
        gradOutput.Dispose();
        return leaf.grad?.MoveToOuterDisposeScope();
    }
}
