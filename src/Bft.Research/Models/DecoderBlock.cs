using static TorchSharp.torch.nn;

namespace Bft.Research.Models;

/// <summary>One block of a decoder: x + attention(norm x), then + gated feed-forward(norm x).</summary>
public sealed class DecoderBlock : IDisposable
{
    private readonly CausalLmConfig _config;
    private readonly RmsNorm _inputNorm, _feedForwardNorm;
    private readonly RmsNorm? _queryNorm, _keyNorm;
    private readonly Projection _query, _key, _value, _output, _gate, _up, _down;

    internal DecoderBlock(CausalLmConfig config, int layer, Func<string, Tensor> parameter)
    {
        _config = config;
        Layer = layer;
        var block = ParameterNames.Block(layer);
        RmsNorm Norm(string name) => new(parameter(block + name), config.NormEpsilon);
        _inputNorm = Norm(ParameterNames.InputNorm);
        _feedForwardNorm = Norm(ParameterNames.FeedForwardNorm);
        if (config.QueryKeyNorm)
            (_queryNorm, _keyNorm) = (Norm(ParameterNames.QueryNorm), Norm(ParameterNames.KeyNorm));
        Projections =
        [
            .. config.ProjectionShapes().Select(shape => new Projection(
                block + shape.Name, parameter($"{block}{shape.Name}.weight"), shape.Bias ? parameter($"{block}{shape.Name}.bias") : null)),
        ];
        (_query, _key, _value, _output) = (Projections[0], Projections[1], Projections[2], Projections[3]);
        (_gate, _up, _down) = (Projections[4], Projections[5], Projections[6]);
    }

    /// <summary>Number of the block, from 0.</summary>
    public int Layer { get; }

    /// <summary>Query, key, value, output, gate, up, down.</summary>
    public IReadOnlyList<Projection> Projections { get; }

    /// <summary>Whether a parameter of the block requires grad, or an adapter hangs on it.</summary>
    internal bool Trains => Projections.Any(p => p.Adapter is not null || p.Current.requires_grad || p.Bias is { requires_grad: true })
        || new[] { _inputNorm, _feedForwardNorm, _queryNorm, _keyNorm }.Any(n => n is { Weight.requires_grad: true });

    /// <summary>The output of the block.</summary>
    /// <param name="hidden">[B, T, D] output of the block before, or of the embedding.</param>
    /// <param name="context">Positions, masks and cache, from <see cref="CausalLm.NewContext"/>; the same for all blocks of a pass.</param>
    /// <returns>[B, T, D], moved to the outer dispose scope. Carries a graph when the input or a parameter or an adapter requires grad.</returns>
    public Tensor Forward(Tensor hidden, ForwardContext context)
    {
        using var scope = torch.NewDisposeScope();
        var attended = hidden + Attend(_inputNorm.Forward(hidden), context);
        return (attended + FeedForward(_feedForwardNorm.Forward(attended))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inputNorm.Dispose();
        _feedForwardNorm.Dispose();
        _queryNorm?.Dispose();
        _keyNorm?.Dispose();
        foreach (var projection in Projections)
            projection.Dispose();
    }

    private Tensor Attend(Tensor x, ForwardContext context)
    {
        long rows = x.size(0), length = context.Length;
        var query = Heads(_query.Forward(x), rows, length, _config.Heads, _queryNorm, context);
        var key = Heads(_key.Forward(x), rows, length, _config.KeyValueHeads, _keyNorm, context);
        var value = _value.Forward(x).view(rows, length, _config.KeyValueHeads, _config.HeadDim).transpose(1, 2);
        var window = _config.Window(Layer);
        if (context.Cache is { } cache)
            (key, value) = cache.Extend(Layer, key, value, context.Length, context.FirstKey(window));
        var mixed = Mix(query, key, value, context.Mask(window));
        return _output.Forward(mixed);
    }

    /// <summary>[B, T, heads · width] to rotated heads [B, heads, T, width].</summary>
    private Tensor Heads(Tensor x, long rows, long length, int heads, RmsNorm? norm, ForwardContext context)
    {
        x = x.view(rows, length, heads, _config.HeadDim);
        if (norm is not null)
            x = norm.Forward(x);
        var rotated = (x * context.Cos).addcmul_(x.roll(_config.HeadDim / 2, -1), context.Sin, 1);
        return rotated.transpose(1, 2);
    }

    /// <summary>Attention of [B, heads, T, width] over [B, key-value heads, S, width], giving [B, T, heads · width].</summary>
    private Tensor Mix(Tensor query, Tensor key, Tensor value, (Tensor? Mask, bool Causal) how)
    {
        long rows = query.size(0), length = query.size(2), repeat = _config.Heads / _config.KeyValueHeads, width = _config.HeadDim;
        if (length == 1)
        {
            // One query a row: the heads that share a key-value head stand in for queries, and nothing is copied.
            var grouped = query.reshape(rows, _config.KeyValueHeads, repeat, width);
            var one = functional.scaled_dot_product_attention(grouped, key, value, how.Mask);
            return one.reshape(rows, 1, _config.Heads * width);
        }

        var mixed = functional.scaled_dot_product_attention(query, Repeat(key, repeat), Repeat(value, repeat), how.Mask, is_casual: how.Causal);
        return mixed.transpose(1, 2).reshape(rows, length, _config.Heads * width);
    }

    private static Tensor Repeat(Tensor x, long repeat)
    {
        if (repeat == 1)
            return x;
        long rows = x.size(0), heads = x.size(1), length = x.size(2), width = x.size(3);
        return x.unsqueeze(2).expand(rows, heads, repeat, length, width).reshape(rows, heads * repeat, length, width);
    }

    private Tensor FeedForward(Tensor x) => _down.Forward(_config.Activation.Apply(_gate.Forward(x)) * _up.Forward(x));
}
