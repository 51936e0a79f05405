namespace Bft.Research.Models.Gradients;

/// <summary>A <see cref="DecoderBlock"/> forward and back by hand, over all tokens of a micro-batch as rows of matrices.</summary>
/// <remarks>
/// The same function as <see cref="DecoderBlock.Forward"/> and its gradient by autograd, but nothing is kept that a cheap pass can make again (norms, gated products), no
/// gradient is computed that nobody wants, gradients are added where they belong by the products themselves, and everything is written to buffers that are used again. A model
/// in 16 bits is computed in float32 from widened weights: its activations are not rounded.
/// </remarks>
/// <param name="work">Buffers, kernels, sums.</param>
/// <param name="context">Masks and positions in the dtype of the workspace.</param>
/// <param name="rows">B.</param>
internal sealed class BlockGradient(GradientWorkspace work, ForwardContext context, long rows)
{
    private readonly LinearGradient _linear = new(work);

    private long Tokens => rows * context.Length;

    /// <summary>The block's output [N, D]; fills the trace.</summary>
    /// <param name="block">The block.</param>
    /// <param name="trace">Holds the input.</param>
    /// <param name="graph">Whether the trace will be used for a way back.</param>
    public RowBuffer Forward(DecoderBlock block, BlockTrace trace, bool graph)
    {
        Fill(block, trace, graph);
        using var product = work.Buffers.Rent(Tokens, block.Config.IntermediateSize);
        Activate(block, trace, product.Value);
        var output = work.Buffers.Rent(Tokens, trace.Input.Width);
        output.Value.copy_(trace.Middle!.Value);
        _linear.Forward(block.Down, product.Value, output.Value, add: true);
        return output;
    }

    /// <summary>Adds the gradients of what trains in the block and turns the gradient of its output into that of its input. Uses the trace up.</summary>
    /// <param name="block">The block.</param>
    /// <param name="trace">From <see cref="Forward"/>; where it holds the input only, the block is computed again first.</param>
    /// <param name="gradient">[N, D] gradient of the output, then of the input.</param>
    /// <param name="wantInput">Whether the gradient of the input is wanted; its content is undefined otherwise.</param>
    public void Backward(DecoderBlock block, BlockTrace trace, Tensor gradient, bool wantInput)
    {
        if (trace.Middle is null)
            Fill(block, trace, graph: true);
        FeedForwardBackward(block, trace, gradient);
        AttentionBackward(block, trace, gradient, wantInput);
    }

    /// <summary>Everything up to the gate and up projections.</summary>
    private void Fill(DecoderBlock block, BlockTrace trace, bool graph)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        using var normed = Norm(block.InputNorm, trace.Input.Value);
        var (plainQuery, query) = Heads(block.Query, block.QueryNorm, normed.Value);
        var (plainKey, key) = Heads(block.Key, block.KeyNorm, normed.Value);
        var attention = trace.Attention = new(query, key, Linear(block.Value, normed.Value), plainQuery, plainKey);
        attention.Mix(block, context, rows, graph);
        var middle = trace.Middle = work.Buffers.Rent(Tokens, trace.Input.Width);
        middle.Value.copy_(trace.Input.Value);
        _linear.Forward(block.Output, attention.Mixed!, middle.Value, add: true);
        work.Kernels.Norm(middle.Value, work.Plain(block.FeedForwardNorm.Weight), block.FeedForwardNorm.Epsilon, normed.Value);
        (trace.Gate, trace.Up) = (Linear(block.Gate, normed.Value), Linear(block.Up, normed.Value));
    }

    private RowBuffer Norm(RmsNorm norm, Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        var result = work.Buffers.Rent(x.size(0), x.size(1));
        work.Kernels.Norm(x, work.Plain(norm.Weight), norm.Epsilon, result.Value);
        return result;
    }

    private RowBuffer Linear(Projection layer, Tensor x)
    {
        var result = work.Buffers.Rent(x.size(0), layer.Current.size(0));
        _linear.Forward(layer, x, result.Value);
        return result;
    }

    /// <summary>Projected heads before their norm, if they have one, and rotated.</summary>
    private (RowBuffer? Plain, RowBuffer Rotated) Heads(Projection layer, RmsNorm? norm, Tensor x)
    {
        var heads = Linear(layer, x);
        var plain = norm is null ? null : heads;
        if (norm is not null)
        {
            heads = work.Buffers.Rent(plain!.Rows, plain.Width);
            HeadNorm(norm, plain.Value, heads.Value);
        }

        work.Kernels.Rotate(heads.Value, context.Cos.view(-1, context.Cos.size(-1)), context.Sin.view(-1, context.Sin.size(-1)), back: false);
        return (plain, heads);
    }

    private void HeadNorm(RmsNorm norm, Tensor plain, Tensor result)
    {
        using var scope = torch.NewDisposeScope();
        long[] shape = [-1, norm.Weight.size(0)];
        work.Kernels.Norm(plain.view(shape), work.Plain(norm.Weight), norm.Epsilon, result.view(shape));
    }

    private void Activate(DecoderBlock block, BlockTrace trace, Tensor product)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        if (block.Config.Activation == GateActivation.Silu)
            work.Kernels.Gate(trace.Gate!.Value, trace.Up!.Value, product);
        else
            product.copy_(block.Config.Activation.Apply(trace.Gate!.Value)).mul_(trace.Up!.Value);
    }

    /// <summary>From the gradient of the output to that of the middle, in place.</summary>
    private void FeedForwardBackward(DecoderBlock block, BlockTrace trace, Tensor gradient)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        var (gate, up, middle) = (trace.Gate!.Value, trace.Up!.Value, trace.Middle!.Value);
        using (var product = work.Buffers.Rent(Tokens, block.Config.IntermediateSize))
            DownBackward(block, trace, product.Value, gradient);
        using var normed = Norm(block.FeedForwardNorm, middle);
        using var gradNormed = work.Buffers.Rent(Tokens, middle.size(1));
        _linear.Backward(block.Gate, normed.Value, gate, gradNormed.Value);
        _linear.Backward(block.Up, normed.Value, up, gradNormed.Value, add: true);
        NormBackward(block.FeedForwardNorm, middle, gradNormed.Value, gradient);
    }

    /// <summary>Turns gate and up into their gradients.</summary>
    private void DownBackward(DecoderBlock block, BlockTrace trace, Tensor product, Tensor gradient)
    {
        if (LinearGradient.NeedsGraph(block.Down) || block.Config.Activation != GateActivation.Silu)
        {
            Activate(block, trace, product);
            using var gradProduct = work.Buffers.Rent(product.size(0), product.size(1));
            _linear.Backward(block.Down, product, gradient, gradProduct.Value);
            ActivateBackward(block, trace.Gate!.Value, trace.Up!.Value, gradProduct.Value);
            return;
        }

        _linear.InputGradient(block.Down, gradient, product);
        work.Kernels.GateBackward(trace.Gate!.Value, trace.Up!.Value, product);
        _linear.ParameterGradients(block.Down, product, gradient);
    }

    private void ActivateBackward(DecoderBlock block, Tensor gate, Tensor up, Tensor gradProduct)
    {
        if (block.Config.Activation == GateActivation.Silu)
        {
            work.Kernels.GateBackward(gate, up, gradProduct);
            return;
        }

        Tensor leafGate = gate.detach().clone().requires_grad_(true), leafUp = up.detach().clone().requires_grad_(true);
        using (torch.enable_grad())
            (block.Config.Activation.Apply(leafGate) * leafUp).backward([gradProduct]);
        gate.copy_(leafGate.grad!);
        up.copy_(leafUp.grad!);
    }

    /// <summary>From the gradient of the middle to that of the input, in place.</summary>
    private void AttentionBackward(DecoderBlock block, BlockTrace trace, Tensor gradient, bool wantInput)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        var attention = trace.Attention!;
        using (var gradMixed = work.Buffers.Rent(Tokens, attention.Query.Width))
        {
            _linear.Backward(block.Output, attention.Mixed!.detach(), gradient, gradMixed.Value);
            attention.Backward(gradMixed.Value);
        }

        HeadsBackward(block.QueryNorm, attention.Query.Value, attention.PlainQuery);
        HeadsBackward(block.KeyNorm, attention.Key.Value, attention.PlainKey);
        using var normed = Norm(block.InputNorm, trace.Input.Value);
        using var gradNormed = work.Buffers.Rent(Tokens, trace.Input.Width);
        var wanted = wantInput || block.InputNorm.Weight.requires_grad ? gradNormed.Value : null;
        _linear.Backward(block.Query, normed.Value, attention.Query.Value, wanted);
        _linear.Backward(block.Key, normed.Value, attention.Key.Value, wanted, add: true);
        _linear.Backward(block.Value, normed.Value, attention.Value.Value, wanted, add: true);
        if (wanted is not null)
            NormBackward(block.InputNorm, trace.Input.Value, wanted, gradient);
    }

    /// <summary>From the gradient of rotated heads to that of projected ones, in place.</summary>
    private void HeadsBackward(RmsNorm? norm, Tensor gradient, RowBuffer? plain)
    {
        work.Kernels.Rotate(gradient, context.Cos.view(-1, context.Cos.size(-1)), context.Sin.view(-1, context.Sin.size(-1)), back: true);
        if (norm is null)
            return;
        long[] shape = [-1, norm.Weight.size(0)];
        using var gradNormed = work.Buffers.Rent(gradient.size(0), gradient.size(1));
        gradNormed.Value.copy_(gradient);
        gradient.zero_();
        NormBackward(norm, plain!.Value.view(shape), gradNormed.Value.view(shape), gradient.view(shape));
    }

    /// <summary>Adds to the gradient of a norm's input, and to that of its weight if it trains.</summary>
    public void NormBackward(RmsNorm norm, Tensor input, Tensor gradNormed, Tensor gradInput)
    {
        if (norm.Weight.requires_grad)
        {
            using var scratch = work.Buffers.Rent(input.size(0), input.size(1));
            work.Kernels.NormWeightGradients(input, norm.Epsilon, gradNormed, scratch.Value);
            work.Sums.Add(norm.Weight, scratch.Value.sum([0]));
        }

        work.Kernels.NormBackward(input, work.Plain(norm.Weight), norm.Epsilon, gradNormed, gradInput);
    }
}
