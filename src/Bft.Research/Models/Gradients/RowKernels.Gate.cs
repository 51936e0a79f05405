using System.Runtime.Intrinsics;

namespace Bft.Research.Models.Gradients;

internal sealed unsafe partial class RowKernels<T>
{
    public void Gate(Tensor gate, Tensor up, Tensor product)
    {
        T* g = Address(gate), u = Address(up), to = Address(product);
        long rows = gate.size(0), width = gate.size(1);
        Share(rows, width, (first, end) =>
        {
            var i = first * width;
            for (; i <= end * width - Lanes; i += Lanes)
            {
                var x = Vector512.Load(g + i);
                Vector512.Store(x / (Vector512<T>.One + Exp(-x)) * Vector512.Load(u + i), to + i);
            }

            for (; i < end * width; i++)
                to[i] = g[i] / (T.One + T.Exp(-g[i])) * u[i];
        });
    }

    public void GateBackward(Tensor gate, Tensor up, Tensor gradProduct)
    {
        T* g = Address(gate), u = Address(up), d = Address(gradProduct);
        long rows = gate.size(0), width = gate.size(1);
        Share(rows, width, (first, end) =>
        {
            var i = first * width;
            for (; i <= end * width - Lanes; i += Lanes)
            {
                Vector512<T> x = Vector512.Load(g + i), y = Vector512.Load(u + i), grad = Vector512.Load(d + i);
                var sigmoid = Vector512<T>.One / (Vector512<T>.One + Exp(-x));
                var silu = x * sigmoid;
                Vector512.Store(silu * y, d + i);
                Vector512.Store(grad * silu, u + i);
                Vector512.Store(grad * y * (sigmoid + silu * (Vector512<T>.One - sigmoid)), g + i);
            }

            for (; i < end * width; i++)
            {
                var sigmoid = T.One / (T.One + T.Exp(-g[i]));
                var silu = g[i] * sigmoid;
                (d[i], u[i], g[i]) = (silu * u[i], d[i] * silu, d[i] * u[i] * (sigmoid + silu * (T.One - sigmoid)));
            }
        });
    }
}
