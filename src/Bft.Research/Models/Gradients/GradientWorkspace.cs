namespace Bft.Research.Models.Gradients;

/// <summary>What training on the CPU needs beside model and rows, kept from step to step: buffers, kernels, and where gradients go.</summary>
internal sealed class GradientWorkspace : IDisposable
{
    private GradientWorkspace(torch.ScalarType dtype, IRowKernels kernels)
    {
        Buffers = new(dtype);
        Weights = new(dtype);
        Kernels = kernels;
    }

    /// <summary>Working memory.</summary>
    public RowBuffers Buffers { get; }

    /// <summary>Memory for widened weights; apart from <see cref="Buffers"/>, for they have rows of another number.</summary>
    public RowBuffers Weights { get; }

    /// <summary>What is not a product.</summary>
    public IRowKernels Kernels { get; }

    /// <summary>Where gradients go.</summary>
    public GradientSums Sums { get; } = new();

    /// <summary>Dtype of all computation: float64 for a float64 model, else float32.</summary>
    public torch.ScalarType Dtype => Buffers.Dtype;

    /// <summary>A workspace for a model; null where gradients by hand are not offered: not on the CPU.</summary>
    public static GradientWorkspace? For(CausalLm model) => (model.Device.type, model.Dtype) switch
    {
        (DeviceType.CPU, torch.ScalarType.Float64) => new(torch.ScalarType.Float64, new RowKernels<double>()),
        (DeviceType.CPU, _) => new(torch.ScalarType.Float32, new RowKernels<float>()),
        _ => null,
    };

    /// <summary>A small parameter or table as the kernels read it, in the current dispose scope.</summary>
    public Tensor Plain(Tensor parameter) => parameter.detach().to(Dtype).contiguous();

    /// <inheritdoc/>
    public void Dispose()
    {
        Buffers.Dispose();
        Weights.Dispose();
    }
}
