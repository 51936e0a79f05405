namespace Bft.Research.Models.Gradients;

/// <summary>The parts of a block that are not products, forward and backward, each in one pass over memory on the CPU.</summary>
/// <remarks>All tensors are contiguous matrices [rows, width] of one dtype. Rows are shared out over libtorch's number of threads; results do not depend on it.</remarks>
internal interface IRowKernels
{
    /// <summary>y = x / √(mean x² + ε) ∘ w, row by row.</summary>
    void Norm(Tensor x, Tensor weight, double epsilon, Tensor y);

    /// <summary>Adds the gradient of <see cref="Norm"/> with respect to x.</summary>
    /// <param name="x">Its input.</param>
    /// <param name="weight">[width].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="gradY">Gradient of its output.</param>
    /// <param name="gradX">What is added to.</param>
    void NormBackward(Tensor x, Tensor weight, double epsilon, Tensor gradY, Tensor gradX);

    /// <summary>The gradient of <see cref="Norm"/> with respect to w: gradY ∘ x / √(mean x² + ε), to be summed over rows.</summary>
    void NormWeightGradients(Tensor x, double epsilon, Tensor gradY, Tensor result);

    /// <summary>product = gate · sigmoid(gate) ∘ up.</summary>
    void Gate(Tensor gate, Tensor up, Tensor product);

    /// <summary>The way back through <see cref="Gate"/>, in place: gate and up become their gradients, and the gradient of the product becomes the product.</summary>
    void GateBackward(Tensor gate, Tensor up, Tensor gradProduct);

    /// <summary>Turns heads by their positions, in place: x ∘ cos + (x rolled by half a head) ∘ sin.</summary>
    /// <param name="x">[rows, heads · width].</param>
    /// <param name="cos">[positions, width]; row n has position n mod positions.</param>
    /// <param name="sin">As <paramref name="cos"/>.</param>
    /// <param name="back">Whether to apply the transpose, which is the way back for gradients.</param>
    void Rotate(Tensor x, Tensor cos, Tensor sin, bool back);
}
