using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bft.Research.Models.Gradients;

/// <summary><see cref="IRowKernels"/> with vector instructions.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed unsafe partial class RowKernels<T> : IRowKernels
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const long ValuesAWorker = 1 << 15;

    private static int Lanes => Vector512<T>.Count;

    public void Norm(Tensor x, Tensor weight, double epsilon, Tensor y)
    {
        T* from = Address(x), w = Address(weight), to = Address(y);
        var width = (int)x.size(1);
        Share(x.size(0), width, (first, end) =>
        {
            for (var row = first; row < end; row++)
                Scale(from + row * width, w, Inverse(from + row * width, width, epsilon), to + row * width, width);
        });
    }

    public void NormBackward(Tensor x, Tensor weight, double epsilon, Tensor gradY, Tensor gradX)
    {
        T* input = Address(x), w = Address(weight), dy = Address(gradY), dx = Address(gradX);
        var width = (int)x.size(1);
        Share(x.size(0), width, (first, end) =>
        {
            for (var row = first; row < end; row++)
                NormRow(input + row * width, w, dy + row * width, dx + row * width, width, epsilon);
        });
    }

    public void NormWeightGradients(Tensor x, double epsilon, Tensor gradY, Tensor result)
    {
        T* input = Address(x), dy = Address(gradY), to = Address(result);
        var width = (int)x.size(1);
        Share(x.size(0), width, (first, end) =>
        {
            for (var row = first; row < end; row++)
                Scale(input + row * width, dy + row * width, Inverse(input + row * width, width, epsilon), to + row * width, width);
        });
    }

    public void Rotate(Tensor x, Tensor cos, Tensor sin, bool back)
    {
        T* values = Address(x), c = Address(cos), s = Address(sin);
        long width = x.size(1), head = cos.size(1), positions = cos.size(0);
        Share(x.size(0), width, (first, end) =>
        {
            for (var row = first; row < end; row++)
                for (long at = 0; at < width; at += head)
                    Turn(values + row * width + at, c + row % positions * head, s + row % positions * head, (int)head / 2, back);
        });
    }

    /// <summary>1 / √(mean x² + ε).</summary>
    private static T Inverse(T* x, int width, double epsilon)
    {
        var sums = Vector512<T>.Zero;
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
        {
            var v = Vector512.Load(x + i);
            sums += v * v;
        }

        var sum = Vector512.Sum(sums);
        for (; i < width; i++)
            sum += x[i] * x[i];
        return T.One / T.Sqrt(sum / T.CreateChecked(width) + T.CreateChecked(epsilon));
    }

    /// <summary>to = (x · factor) ∘ w.</summary>
    private static void Scale(T* x, T* w, T factor, T* to, int width)
    {
        var all = Vector512.Create(factor);
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
            Vector512.Store(Vector512.Load(x + i) * all * Vector512.Load(w + i), to + i);
        for (; i < width; i++)
            to[i] = x[i] * factor * w[i];
    }

    /// <summary>With r the inverse and d = dy ∘ w: dx += r·d − x · r³ · Σ(d·x) / width.</summary>
    private static void NormRow(T* x, T* w, T* dy, T* dx, int width, double epsilon)
    {
        var inverse = Inverse(x, width, epsilon);
        var sums = Vector512<T>.Zero;
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
            sums += Vector512.Load(dy + i) * Vector512.Load(w + i) * Vector512.Load(x + i);
        var sum = Vector512.Sum(sums);
        for (; i < width; i++)
            sum += dy[i] * w[i] * x[i];
        var along = inverse * inverse * inverse * sum / T.CreateChecked(width);
        Vector512<T> r = Vector512.Create(inverse), a = Vector512.Create(along);
        for (i = 0; i <= width - Lanes; i += Lanes)
            Vector512.Store(Vector512.Load(dx + i) + (Vector512.Load(dy + i) * Vector512.Load(w + i) * r - Vector512.Load(x + i) * a), dx + i);
        for (; i < width; i++)
            dx[i] += dy[i] * w[i] * inverse - x[i] * along;
    }

    /// <summary>One head: components i and i + half turn together.</summary>
    private static void Turn(T* x, T* cos, T* sin, int half, bool back)
    {
        // Forward x' = x∘c + roll(x)∘s; its transpose is g∘c + roll(g∘s), which only exchanges the two halves of s.
        T* s1 = back ? sin + half : sin, s2 = back ? sin : sin + half;
        var i = 0;
        for (; i <= half - Lanes; i += Lanes)
        {
            Vector512<T> a = Vector512.Load(x + i), b = Vector512.Load(x + half + i);
            Vector512.Store(a * Vector512.Load(cos + i) + b * Vector512.Load(s1 + i), x + i);
            Vector512.Store(b * Vector512.Load(cos + half + i) + a * Vector512.Load(s2 + i), x + half + i);
        }

        for (; i < half; i++)
            (x[i], x[half + i]) = (x[i] * cos[i] + x[half + i] * s1[i], x[half + i] * cos[half + i] + x[i] * s2[i]);
    }

    private static T* Address(Tensor tensor)
    {
        if (!tensor.is_contiguous() || tensor.ElementSize != sizeof(T) || tensor.device_type != DeviceType.CPU)
            throw new ArgumentException($"Expected a contiguous tensor of {typeof(T).Name} on the CPU, actual {tensor.dtype} on {tensor.device}.", nameof(tensor));
        using var first = tensor.view(-1).narrow(0, 0, 1); // a span of all of it could be longer than a span can be
        fixed (byte* address = first.bytes)
            return (T*)address; // native memory, which does not move
    }

    /// <summary>Runs over rows, shared out where it is worth it.</summary>
    private static void Share(long rows, long width, Action<long, long> run)
    {
        var workers = (int)Math.Clamp(rows * width / ValuesAWorker, 1, Math.Min(rows, torch.get_num_threads()));
        if (workers == 1)
            run(0, rows);
        else
            Parallel.For(0, workers, worker => run(rows * worker / workers, rows * (worker + 1) / workers));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Exp(Vector512<T> x) =>
        typeof(T) == typeof(float) ? Vector512.Exp(x.AsSingle()).As<float, T>() : Vector512.Exp(x.AsDouble()).As<double, T>();
}
