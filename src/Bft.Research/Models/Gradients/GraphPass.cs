namespace Bft.Research.Models.Gradients;

/// <summary>A pass with autograd, on any device: one graph over all blocks, or with checkpointing one a block, which lives while that block is on its way back.</summary>
internal sealed class GraphPass : TrainingPass
{
    private readonly CausalLm _model;
    private readonly Tensor _ids;
    private readonly ForwardContext _context;
    private readonly bool _embeddingTrains;
    private readonly int _first;
    private readonly List<Tensor> _inputs = [];
    private readonly Tensor? _last;

    public GraphPass(CausalLm model, Tensor ids, ForwardContext context, bool checkpointing)
    {
        _model = model;
        _ids = ids;
        _context = context;
        (_first, _embeddingTrains) = Start(model);
        if (!checkpointing)
        {
            Hidden = model.Hidden(ids, context);
            return;
        }

        _last = RunBlocks();
        Hidden = model.FinalNorm(_last);
    }

    /// <inheritdoc/>
    public override Tensor Hidden { get; }

    /// <inheritdoc/>
    public override void Backward(Tensor gradHidden)
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
    public override void Dispose() => _context.Dispose();

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
