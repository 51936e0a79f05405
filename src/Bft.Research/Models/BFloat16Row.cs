using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Bft.Research.Models;

/// <summary>x·Wᵀ + b for a single row of bfloat16 on the CPU, as decoding one token needs it, at the speed at which the memory delivers W.</summary>
/// <remarks>
/// libtorch's own product takes about twice as long here, since it is bound by arithmetic. A bfloat16 number is the upper half of a float32, so a 32-bit word
/// of the row gives two float32 numbers by a shift and a mask; sums are kept in float32 and rounded once, to nearest, ties to even.
/// </remarks>
internal static unsafe class BFloat16Row
{
    private const long BytesAWorker = 1 << 19;
    private const int WordsALine = 16;
    private const uint UpperHalf = 0xFFFF0000;

    /// <summary>True when <see cref="Multiply"/> can stand in for a linear layer: one row, bfloat16, CPU, no graph wanted.</summary>
    public static bool Fits(Tensor x, Tensor weight)
    {
        if (weight.dtype != torch.ScalarType.BFloat16 || torch.is_grad_enabled() || !BitConverter.IsLittleEndian)
            return false;
        var columns = weight.size(1);
        return x.numel() == columns && x.dtype == torch.ScalarType.BFloat16 && columns % (2 * Vector<uint>.Count) == 0
            && weight.device_type == DeviceType.CPU && x.device_type == DeviceType.CPU && weight.is_contiguous();
    }

    /// <summary>[…, columns] with one row, [rows, columns], [rows] or null to […, rows], in the current dispose scope.</summary>
    public static Tensor Multiply(Tensor x, Tensor weight, Tensor? bias)
    {
        int rows = (int)weight.size(0), columns = (int)weight.size(1);
        var shape = x.shape;
        shape[^1] = rows;
        var result = torch.empty(shape, torch.ScalarType.BFloat16);
        var split = ArrayPool<float>.Shared.Rent(columns);
        try
        {
            using var dense = x.contiguous();
            Split(dense.bytes, split.AsSpan(0, columns));
            fixed (float* numbers = split)
            fixed (byte* matrix = weight.bytes, added = bias is null ? default : bias.bytes, target = result.bytes)
            {
                var job = new Job((uint*)matrix, numbers, (ushort*)added, (ushort*)target, columns / 2);
                var workers = (int)Math.Clamp(2L * rows * columns / BytesAWorker, 1, torch.get_num_threads());
                if (workers == 1)
                    job.Run(0, rows);
                else
                    Parallel.For(0, workers, worker => job.Run((int)((long)rows * worker / workers), (int)((long)rows * (worker + 1) / workers)));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(split);
        }

        return result;
    }

    /// <summary>Numbers at even places first, then those at odd places, widened.</summary>
    private static void Split(ReadOnlySpan<byte> bytes, Span<float> split)
    {
        var words = MemoryMarshal.Cast<byte, uint>(bytes);
        var half = split.Length / 2;
        for (var i = 0; i < half; i++)
        {
            split[i] = BitConverter.UInt32BitsToSingle(words[i] << 16);
            split[half + i] = BitConverter.UInt32BitsToSingle(words[i] & UpperHalf);
        }
    }

    private sealed class Job(uint* matrix, float* numbers, ushort* added, ushort* target, int pairs)
    {
        public void Run(int from, int to)
        {
            var row = from;
            for (; row + 4 <= to; row += 4)
                Four(row);
            for (; row < to; row++)
                Store(row, One(matrix + (long)row * pairs));
        }

        /// <summary>Four rows at a time: the numbers of x are read once, and eight sums hide the latency of the additions.</summary>
        private void Four(int row)
        {
            uint* w0 = matrix + (long)row * pairs, w1 = w0 + pairs, w2 = w1 + pairs, w3 = w2 + pairs;
            Vector<float> e0 = default, o0 = default, e1 = default, o1 = default, e2 = default, o2 = default, e3 = default, o3 = default;
            for (var i = 0; i < pairs; i += Vector<uint>.Count)
            {
                if (Sse.IsSupported && i % WordsALine == 0)
                    Fetch(w0 + i);
                Vector<float> even = Vector.Load(numbers + i), odd = Vector.Load(numbers + pairs + i);
                Add(w0 + i, even, odd, ref e0, ref o0);
                Add(w1 + i, even, odd, ref e1, ref o1);
                Add(w2 + i, even, odd, ref e2, ref o2);
                Add(w3 + i, even, odd, ref e3, ref o3);
            }

            Store(row, Vector.Sum(e0 + o0));
            Store(row + 1, Vector.Sum(e1 + o1));
            Store(row + 2, Vector.Sum(e2 + o2));
            Store(row + 3, Vector.Sum(e3 + o3));
        }

        /// <summary>Asks for the same place of the next four rows; without it the wait for memory takes half of the time. Past the end of the matrix it does nothing.</summary>
        private void Fetch(uint* place)
        {
            Sse.Prefetch0(place + 4 * pairs);
            Sse.Prefetch0(place + 5 * pairs);
            Sse.Prefetch0(place + 6 * pairs);
            Sse.Prefetch0(place + 7 * pairs);
        }

        private float One(uint* words)
        {
            Vector<float> even = default, odd = default;
            for (var i = 0; i < pairs; i += Vector<uint>.Count)
                Add(words + i, Vector.Load(numbers + i), Vector.Load(numbers + pairs + i), ref even, ref odd);
            return Vector.Sum(even + odd);
        }

        private static void Add(uint* words, Vector<float> even, Vector<float> odd, ref Vector<float> evenSum, ref Vector<float> oddSum)
        {
            var word = Vector.Load(words);
            evenSum = Vector.FusedMultiplyAdd(Vector.AsVectorSingle(word << 16), even, evenSum);
            oddSum = Vector.FusedMultiplyAdd(Vector.AsVectorSingle(word & new Vector<uint>(UpperHalf)), odd, oddSum);
        }

        private void Store(int row, float sum)
        {
            if (added is not null)
                sum += BitConverter.UInt32BitsToSingle((uint)added[row] << 16);
            var bits = BitConverter.SingleToUInt32Bits(sum);
            target[row] = float.IsNaN(sum) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }
}
