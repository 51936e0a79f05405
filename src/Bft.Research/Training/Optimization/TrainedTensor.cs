using Bft.Research.Models.Gradients;

namespace Bft.Research.Training;

/// <summary>One tensor that training changes, with the float32 copies that half precision needs.</summary>
/// <remarks>
/// A float32 or float64 tensor is updated where it lies and its <c>.grad</c> collects the micro-batches. A bfloat16 or float16 tensor
/// has a float32 master copy that the optimiser updates and that is rounded back after every step, and a float32 gradient sum that
/// <see cref="Collect"/> feeds, so neither small updates nor small gradients are rounded away. The tensor itself stays the caller's.
/// </remarks>
public sealed class TrainedTensor : IDisposable
{
    private readonly Tensor? _master;
    private readonly Tensor? _gradientSum;

    /// <summary>Turns gradients on for a leaf tensor.</summary>
    /// <param name="name">Name in checkpoints and messages.</param>
    /// <param name="value">Floating-point leaf of any shape, owned by the model or adapter.</param>
    /// <param name="decays">Whether weight decay applies to it.</param>
    /// <exception cref="ArgumentException">The tensor is not of a floating-point type.</exception>
    public TrainedTensor(string name, Tensor value, bool decays = true)
    {
        if (!torch.is_floating_point(value))
            throw new ArgumentException($"{name}: expected a floating-point tensor, actual {value.dtype}.", nameof(value));
        Name = name;
        Value = value;
        Decays = decays;
        value.requires_grad = true;
        if (value.dtype is torch.ScalarType.Float32 or torch.ScalarType.Float64)
            return;
        using var noGrad = torch.no_grad();
        _master = value.detach().to(torch.ScalarType.Float32).DetachFromDisposeScope();
        _gradientSum = torch.zeros_like(_master).DetachFromDisposeScope();
    }

    /// <summary>Name in checkpoints and messages.</summary>
    public string Name { get; }

    /// <summary>The tensor that the model computes with.</summary>
    public Tensor Value { get; }

    /// <summary>Whether weight decay applies.</summary>
    public bool Decays { get; }

    /// <summary>What the optimiser updates: the tensor itself, or its float32 master copy.</summary>
    internal Tensor Updated => _master ?? Value;

    /// <summary>Gradient summed over the micro-batches so far, in the dtype of <see cref="Updated"/>; null when there is none.</summary>
    internal Tensor? Gradient => _gradientSum ?? Value.grad;

    /// <summary>Lets gradients by hand go straight into the float32 sum, where there is one.</summary>
    internal void Register(GradientSums? sums)
    {
        if (_gradientSum is not null)
            sums?.Register(Value, _gradientSum);
    }

    /// <summary>Moves a half-precision gradient into its float32 sum; called after every micro-batch. Does nothing for wider types.</summary>
    internal void Collect()
    {
        if (_gradientSum is null)
            return;
        using var scope = torch.NewDisposeScope();
        if (Value.grad is not { } gradient)
            return;
        _gradientSum.add_(gradient.to(torch.ScalarType.Float32));
        gradient.zero_();
    }

    /// <summary>Rounds the master copy back into the tensor.</summary>
    internal void Publish()
    {
        if (_master is not null)
            Value.copy_(_master);
    }

    /// <summary>Sets the gradient to zero and keeps its memory.</summary>
    internal void ZeroGradient()
    {
        using var scope = torch.NewDisposeScope(); // zero_ answers with a second wrapper
        _gradientSum?.zero_();
        Value.grad?.zero_();
    }

    /// <summary>Turns gradients off and frees gradient and float32 copies; the tensor stays, and may be gone already.</summary>
    public void Dispose()
    {
        if (!Value.IsInvalid)
        {
            Value.grad = null;
            Value.requires_grad = false;
        }

        _master?.Dispose();
        _gradientSum?.Dispose();
    }
}
