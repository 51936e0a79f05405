namespace Bft.Research.Models.Gradients;

/// <summary>A pass with gradients by hand (<see cref="BlockGradient"/>), on the CPU.</summary>
internal sealed class RowPass : TrainingPass
{
    private readonly CausalLm _model;
    private readonly Tensor _ids;
    private readonly ForwardContext _context;
    private readonly GradientWorkspace _work;
    private readonly BlockGradient _block;
    private readonly int _first;
    private readonly bool _embeddingTrains;
    private readonly List<BlockTrace> _traces = [];
    private readonly RowBuffer _last;

    public RowPass(CausalLm model, Tensor ids, ForwardContext context, bool checkpointing, GradientWorkspace work)
    {
        (_model, _ids, _context, _work) = (model, ids, context, work);
        (_first, _embeddingTrains) = Start(model);
        _block = new(work, context, ids.size(0));
        using var off = torch.no_grad();
        _last = RunBlocks(Embedded(), checkpointing);
        using var normed = work.Buffers.Rent(_last.Rows, _last.Width);
        work.Kernels.Norm(_last.Value, work.Plain(model.LastNorm.Weight), model.LastNorm.Epsilon, normed.Value);
        Hidden = normed.Value.view(ids.size(0), ids.size(1), -1).to(model.Dtype, copy: true);
    }

    /// <inheritdoc/>
    public override Tensor Hidden { get; }

    /// <inheritdoc/>
    public override void Backward(Tensor gradHidden)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        using var gradient = _work.Buffers.Rent(_last.Rows, _last.Width);
        FinalNormBackward(gradHidden, gradient.Value);
        for (var layer = _model.Blocks.Count - 1; layer >= _first; layer--)
        {
            using var trace = _traces[layer - _first];
            _block.Backward(_model.Blocks[layer], trace, gradient.Value, layer > _first || _embeddingTrains);
        }

        if (!_embeddingTrains)
            return;
        using var on = torch.enable_grad();
        _model.Embed(_ids).backward([gradient.Value.view(gradHidden.shape).to(_model.Dtype)]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var trace in _traces)
            trace.Dispose();
        _last.Dispose();
        _context.Dispose();
    }

    private RowBuffer Embedded()
    {
        using var scope = torch.NewDisposeScope();
        var embedded = _model.Embed(_ids);
        var buffer = _work.Buffers.Rent(_ids.numel(), embedded.size(2));
        buffer.Value.copy_(embedded.view(buffer.Rows, buffer.Width));
        return buffer;
    }

    private RowBuffer RunBlocks(RowBuffer hidden, bool checkpointing)
    {
        foreach (var block in _model.Blocks)
        {
            var trace = new BlockTrace(hidden);
            var recorded = block.Layer >= _first;
            hidden = _block.Forward(block, trace, recorded && !checkpointing);
            if (recorded)
                _traces.Add(trace);
            if (!recorded)
                trace.Dispose();
            else if (checkpointing)
                trace.Release();
        }

        return hidden;
    }

    /// <summary>Writes the gradient of the last block's output.</summary>
    private void FinalNormBackward(Tensor gradHidden, Tensor gradient)
    {
        using var scope = torch.NewDisposeScope();
        using var wide = _work.Buffers.Rent(_last.Rows, _last.Width);
        wide.Value.copy_(gradHidden.view(_last.Rows, _last.Width));
        gradient.zero_();
        _block.NormBackward(_model.LastNorm, _last.Value, wide.Value, gradient);
    }
}
