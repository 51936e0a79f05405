using static TorchSharp.torch.nn;

namespace Bft.Research.Models;

/// <summary>One block of a decoder: x + attention(norm x), then + gated feed-forward(norm x).</summary>
public sealed class DecoderBlock : IDisposable
{
    internal DecoderBlock(CausalLmConfig config, int layer, Func<string, Tensor> parameter)
    {
        Config = config;
        Layer = layer;
        var block = ParameterNames.Block(layer);
        RmsNorm Norm(string name) => new(parameter(block + name), config.NormEpsilon);
        InputNorm = Norm(ParameterNames.InputNorm);
        FeedForwardNorm = Norm(ParameterNames.FeedForwardNorm);
        if (config.QueryKeyNorm)
            (QueryNorm, KeyNorm) = (Norm(ParameterNames.QueryNorm), Norm(ParameterNames.KeyNorm));
        Projections =
        [
            .. config.ProjectionShapes().Select(shape => new Projection(
                block + shape.Name, parameter($"{block}{shape.Name}.weight"), shape.Bias ? parameter($"{block}{shape.Name}.bias") : null)),
        ];
        (Query, Key, Value, Output) = (Projections[0], Projections[1], Projections[2], Projections[3]);
        (Gate, Up, Down) = (Projections[4], Projections[5], Projections[6]);
    }

    /// <summary>Number of the block, from 0.</summary>
    public int Layer { get; }

    /// <summary>Query, key, value, output, gate, up, down.</summary>
    public IReadOnlyList<Projection> Projections { get; }

    internal CausalLmConfig Config { get; }

    internal RmsNorm InputNorm { get; }

    internal RmsNorm FeedForwardNorm { get; }

    internal RmsNorm? QueryNorm { get; }

    internal RmsNorm? KeyNorm { get; }

    internal Projection Query { get; }

    internal Projection Key { get; }

    internal Projection Value { get; }

    internal Projection Output { get; }

    internal Projection Gate { get; }

    internal Projection Up { get; }

    internal Projection Down { get; }

    /// <summary>Whether a parameter of the block requires grad, or an adapter hangs on it.</summary>
    internal bool Trains => Projections.Any(p => p.Adapter is not null || p.Current.requires_grad || p.Bias is { requires_grad: true })
        || new[] { InputNorm, FeedForwardNorm, QueryNorm, KeyNorm }.Any(n => n is { Weight.requires_grad: true });

    /// <summary>The output of the block.</summary>
    /// <param name="hidden">[B, T, D] output of the block before, or of the embedding.</param>
    /// <param name="context">Positions, masks and cache, from <see cref="CausalLm.NewContext"/>; the same for all blocks of a pass.</param>
    /// <returns>[B, T, D], moved to the outer dispose scope. Carries a graph when the input or a parameter or an adapter requires grad.</returns>
    public Tensor Forward(Tensor hidden, ForwardContext context)
    {
        using var scope = torch.NewDisposeScope();
        var attended = hidden + Attend(InputNorm.Forward(hidden), context);
        return (attended + FeedForward(FeedForwardNorm.Forward(attended))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        InputNorm.Dispose();
        FeedForwardNorm.Dispose();
        QueryNorm?.Dispose();
        KeyNorm?.Dispose();
        foreach (var projection in Projections)
            projection.Dispose();
    }

    private Tensor Attend(Tensor x, ForwardContext context)
    {
        long rows = x.size(0), length = context.Length;
        var query = Heads(Query.Forward(x), rows, length, Config.Heads, QueryNorm, context);
        var key = Heads(Key.Forward(x), rows, length, Config.KeyValueHeads, KeyNorm, context);
        var value = Value.Forward(x).view(rows, length, Config.KeyValueHeads, Config.HeadDim).transpose(1, 2);
        var window = Config.Window(Layer);
        if (context.Cache is { } cache)
            (key, value) = cache.Extend(Layer, key, value, context.Length, context.FirstKey(window));
        var mixed = Mix(query, key, value, context.Mask(window));
        return Output.Forward(mixed);
    }

    /// <summary>[B, T, heads · width] to rotated heads [B, heads, T, width].</summary>
    private Tensor Heads(Tensor x, long rows, long length, int heads, RmsNorm? norm, ForwardContext context)
    {
        x = x.view(rows, length, heads, Config.HeadDim);
        if (norm is not null)
            x = norm.Forward(x);
        var rotated = (x * context.Cos).addcmul_(x.roll(Config.HeadDim / 2, -1), context.Sin, 1);
        return rotated.transpose(1, 2);
    }

    /// <summary>Attention of [B, heads, T, width] over [B, key-value heads, S, width], giving [B, T, heads · width].</summary>
    internal Tensor Mix(Tensor query, Tensor key, Tensor value, AttentionRule how)
    {
        long rows = query.size(0), length = query.size(2), repeat = Config.Heads / Config.KeyValueHeads, width = Config.HeadDim;
        if (length == 1)
        {
            // One query a row: the heads that share a key-value head stand in for queries, and nothing is copied.
            var grouped = query.reshape(rows, Config.KeyValueHeads, repeat, width);
            var one = functional.scaled_dot_product_attention(grouped, key, value, how.Mask);
            return one.reshape(rows, 1, Config.Heads * width);
        }

        (key, value) = (Repeat(key, repeat), Repeat(value, repeat));
        if (how.Runs is { } runs)
            return torch.cat([.. runs.Select(run => MixRun(query, key, value, run))], 1).view(rows, length, Config.Heads * width);
        var mixed = functional.scaled_dot_product_attention(query, key, value, how.Mask, is_casual: how.Causal);
        return mixed.transpose(1, 2).reshape(rows, length, Config.Heads * width);
    }

    /// <summary>Causal attention of one run, giving [1, run, heads, width].</summary>
    private static Tensor MixRun(Tensor query, Tensor key, Tensor value, AttentionRun run)
    {
        Tensor Part(Tensor x) => x.narrow(0, run.Row, 1).narrow(2, run.Start, run.Length);
        return functional.scaled_dot_product_attention(Part(query), Part(key), Part(value), is_casual: true).transpose(1, 2);
    }

    private static Tensor Repeat(Tensor x, long repeat)
    {
        if (repeat == 1)
            return x;
        long rows = x.size(0), heads = x.size(1), length = x.size(2), width = x.size(3);
        return x.unsqueeze(2).expand(rows, heads, repeat, length, width).reshape(rows, heads * repeat, length, width);
    }

    private Tensor FeedForward(Tensor x) => Down.Forward(Config.Activation.Apply(Gate.Forward(x)) * Up.Forward(x));
}
