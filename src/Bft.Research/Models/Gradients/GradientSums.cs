namespace Bft.Research.Models.Gradients;

/// <summary>Where gradients are added: a sum of its own for a parameter that has one (float32 beside 16 bits), else the parameter's <c>.grad</c>.</summary>
/// <remarks>Products are added by the multiplication itself, so a gradient needs no second copy.</remarks>
internal sealed class GradientSums
{
    private readonly Dictionary<nint, Tensor> _sums = [];

    /// <summary>Names the sum of a parameter; it stays the caller's.</summary>
    public void Register(Tensor parameter, Tensor sum) => _sums[parameter.Handle] = sum;

    /// <summary>Adds left · right.</summary>
    /// <param name="parameter">What requires grad.</param>
    /// <param name="left">[rows, n].</param>
    /// <param name="right">[n, columns].</param>
    public void AddProduct(Tensor parameter, Tensor left, Tensor right)
    {
        using var scope = torch.NewDisposeScope();
        var sum = Of(parameter);
        if (sum.dtype == left.dtype)
            sum.addmm_(left, right, 1, 1);
        else
            sum.add_(left.mm(right));
    }

    /// <summary>Adds a gradient of the parameter's shape.</summary>
    public void Add(Tensor parameter, Tensor gradient)
    {
        using var scope = torch.NewDisposeScope();
        Of(parameter).add_(gradient);
    }

    private Tensor Of(Tensor parameter)
    {
        if (_sums.TryGetValue(parameter.Handle, out var sum))
            return sum;
        if (parameter.grad is null)
            parameter.grad = torch.zeros_like(parameter);
        return parameter.grad!;
    }
}
