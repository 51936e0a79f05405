namespace Bft.Research.Models.Gradients;

/// <summary>A linear layer with its adapter, forward without a graph and back by hand.</summary>
/// <remarks>
/// y = x·Wᵀ + b + s·(x'·Aᵀ)·Bᵀ with x' thinned by dropout. Back: ∂x = ∂y·W + s·(∂y·B)·A thinned alike; ∂A = s·(∂y·B)ᵀ·x'; ∂B = s·∂yᵀ·(x'·Aᵀ); ∂W = ∂yᵀ·x. A weight in
/// 16 bits is widened for the product. Any other adapter (DoRA among them) goes through a graph of its own that lives for one layer.
/// </remarks>
internal sealed class LinearGradient(GradientWorkspace work)
{
    /// <summary>y = layer(x), or y + layer(x).</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">[N, in].</param>
    /// <param name="y">[N, out]; written.</param>
    /// <param name="add">Whether y is added to.</param>
    public void Forward(Projection layer, Tensor x, Tensor y, bool add = false)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        if (NeedsGraph(layer))
        {
            if (!add)
                y.zero_();
            y.add_(layer.Forward(x.to(layer.Current.dtype)));
            return;
        }

        if (layer.Bias is { } bias)
        {
            if (!add)
                y.zero_();
            y.add_(bias);
            add = true;
        }

        using (var weight = Widened(layer.Current))
            y.addmm_(x, weight.Value.t(), add ? 1 : 0, 1);
        if (layer.Adapter is LoraLayer lora)
            y.addmm_(Low(lora, lora.Dropped(x), lora.A.t()), lora.B.t(), 1, 1);
    }

    /// <summary>Adds the gradients of what trains, and gives that of the input.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">[N, in] its input.</param>
    /// <param name="gradY">[N, out] gradient of its output.</param>
    /// <param name="gradX">[N, in] receives that of its input; null when none is wanted.</param>
    /// <param name="add">Whether <paramref name="gradX"/> is added to.</param>
    public void Backward(Projection layer, Tensor x, Tensor gradY, Tensor? gradX, bool add = false)
    {
        if (NeedsGraph(layer))
        {
            ByGraph(layer, x, gradY, gradX, add);
            return;
        }

        if (gradX is not null)
            InputGradient(layer, gradY, gradX, add);
        ParameterGradients(layer, x, gradY);
    }

    /// <summary>Whether the layer has an adapter that only a graph knows the gradients of, so that both come from <see cref="Backward"/> alone.</summary>
    public static bool NeedsGraph(Projection layer) => layer.Adapter is not (null or LoraLayer { Magnitude: null });

    /// <summary>The gradient of the input alone, which does not need the input.</summary>
    public void InputGradient(Projection layer, Tensor gradY, Tensor gradX, bool add = false)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        using (var weight = Widened(layer.Current))
            gradX.addmm_(gradY, weight.Value, add ? 1 : 0, 1);
        if (layer.Adapter is not LoraLayer lora)
            return;
        var low = Low(lora, gradY, lora.B);
        if (lora.Drops)
            gradX.add_(lora.Dropped(low.mm(lora.A)));
        else
            gradX.addmm_(low, lora.A, 1, 1);
    }

    /// <summary>Adds the gradients of weight, bias, A and B, as far as they train.</summary>
    public void ParameterGradients(Projection layer, Tensor x, Tensor gradY)
    {
        using var scope = torch.NewDisposeScope();
        using var off = torch.no_grad();
        if (layer.Current.requires_grad)
            work.Sums.AddProduct(layer.Current, gradY.t(), x);
        if (layer.Bias is { requires_grad: true } bias)
            work.Sums.Add(bias, gradY.sum([0]));
        if (layer.Adapter is not LoraLayer { Magnitude: null } lora)
            return;
        var thinned = lora.Dropped(x);
        if (lora.B.requires_grad)
            work.Sums.AddProduct(lora.B, gradY.t(), Low(lora, thinned, lora.A.t()));
        if (lora.A.requires_grad)
            work.Sums.AddProduct(lora.A, Low(lora, gradY, lora.B).t(), thinned);
    }

    /// <summary>[N, r] s·values·factor. The small matrix takes the scaling: the multiplication itself would round it to float32.</summary>
    private static Tensor Low(LoraLayer lora, Tensor values, Tensor factor) => values.mm(factor).mul_(lora.Scaling);

    private static void ByGraph(Projection layer, Tensor x, Tensor gradY, Tensor? gradX, bool add)
    {
        using var scope = torch.NewDisposeScope();
        using var on = torch.enable_grad();
        var dtype = layer.Current.dtype;
        var leaf = x.detach().to(dtype).requires_grad_(gradX is not null);
        layer.Forward(leaf).backward([gradY.to(dtype)]);
        if (gradX is null)
            return;
        using var off = torch.no_grad();
        if (!add)
            gradX.zero_();
        gradX.add_(leaf.grad!);
    }

    /// <summary>The weight in the dtype of the computation; a float32 weight stays where it is.</summary>
    private Weight Widened(Tensor weight)
    {
        if (weight.dtype == work.Dtype)
            return new(weight, null);
        var buffer = work.Weights.Rent(weight.size(0), weight.size(1));
        buffer.Value.copy_(weight);
        return new(buffer.Value, buffer);
    }

    private readonly struct Weight(Tensor value, RowBuffer? buffer) : IDisposable
    {
        public Tensor Value => value;

        public void Dispose() => buffer?.Dispose();
    }
}
