namespace Bft.Research.Training;

/// <summary>AdamW: Adam with decoupled weight decay, in place, state in the dtype of the updated copy (float32 or float64).</summary>
/// <remarks>
/// With learning rate η at step t: θ ← θ·(1 − η·λ); m ← β1·m + (1 − β1)·g; v ← β2·v + (1 − β2)·g²;
/// θ ← θ − η/(1 − β1^t) · m / (√(v/(1 − β2^t)) + ε). ε stands outside the bias correction and decay never enters the moments, as in
/// torch.optim.AdamW. A tensor whose gradient is zero still moves while its moments are non-zero; one without a gradient is passed over.
/// </remarks>
public sealed class AdamW : IDisposable
{
    private const string Mean = ".mean";
    private const string Square = ".square";
    private const string Master = ".master";
    private readonly IReadOnlyList<TrainedTensor> _tensors;
    private readonly AdamWOptions _options;
    private readonly Tensor[] _means;
    private readonly Tensor[] _squares;

    /// <summary>Starts with zero moments.</summary>
    /// <exception cref="ArgumentException">The options have problems, or there is no tensor.</exception>
    public AdamW(IReadOnlyList<TrainedTensor> tensors, AdamWOptions options)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException($"AdamW: {string.Join("; ", problems)}.", nameof(options));
        if (tensors.Count == 0)
            throw new ArgumentException("AdamW: there is no tensor to train.", nameof(tensors));
        _tensors = tensors;
        _options = options;
        using var noGrad = torch.no_grad();
        _means = [.. tensors.Select(t => torch.zeros_like(t.Updated).DetachFromDisposeScope())];
        _squares = [.. tensors.Select(t => torch.zeros_like(t.Updated).DetachFromDisposeScope())];
    }

    /// <summary>Steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>First moments m, one per tensor in order; owned by the optimiser.</summary>
    public IReadOnlyList<Tensor> Means => _means;

    /// <summary>Second moments v, one per tensor in order; owned by the optimiser.</summary>
    public IReadOnlyList<Tensor> Squares => _squares;

    /// <summary>Updates every tensor from its gradient, which is left as it is.</summary>
    /// <param name="learningRate">η of this step.</param>
    public void Step(double learningRate)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        Steps++;
        var meanCorrection = 1 - Math.Pow(_options.Beta1, Steps);
        var rootCorrection = Math.Sqrt(1 - Math.Pow(_options.Beta2, Steps));
        for (var i = 0; i < _tensors.Count; i++)
        {
            using var each = torch.NewDisposeScope(); // one temporary at a time, the size of one tensor
            var tensor = _tensors[i];
            if (tensor.Gradient is not { } gradient)
                continue;
            if (tensor.Decays && _options.WeightDecay != 0)
                tensor.Updated.mul_(1 - learningRate * _options.WeightDecay);
            _means[i].mul_(_options.Beta1).add_(gradient, alpha: 1 - _options.Beta1);
            _squares[i].mul_(_options.Beta2).addcmul_(gradient, gradient, 1 - _options.Beta2);
            var root = _squares[i].sqrt().div_(rootCorrection).add_(_options.Epsilon);
            tensor.Updated.addcdiv_(_means[i], root, -learningRate / meanCorrection);
            tensor.Publish();
        }
    }

    /// <summary>What a checkpoint holds of the optimiser: <c>NAME.mean</c>, <c>NAME.square</c> and, where the tensor has 16 bits, its float32 <c>NAME.master</c>.</summary>
    internal IEnumerable<(string Name, Tensor Value)> State()
    {
        for (var i = 0; i < _tensors.Count; i++)
        {
            yield return (_tensors[i].Name + Mean, _means[i]);
            yield return (_tensors[i].Name + Square, _squares[i]);
            if (!ReferenceEquals(_tensors[i].Updated, _tensors[i].Value))
                yield return (_tensors[i].Name + Master, _tensors[i].Updated);
        }
    }

    /// <summary>Puts back what <see cref="State"/> gave, bit by bit.</summary>
    /// <param name="steps">Steps taken.</param>
    /// <param name="load">Copies the stored tensor of a name into another.</param>
    internal void Restore(int steps, Action<string, Tensor> load)
    {
        foreach (var (name, value) in State())
            load(name, value);
        foreach (var tensor in _tensors)
            tensor.Publish();
        Steps = steps;
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose()
    {
        foreach (var tensor in _means.Concat(_squares))
            tensor.Dispose();
    }
}
