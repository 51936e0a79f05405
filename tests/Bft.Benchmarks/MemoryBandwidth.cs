using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Bft.Benchmarks;

/// <summary>How fast this machine reads memory.</summary>
internal static unsafe class MemoryBandwidth
{
    private const int Repeats = 7;

    /// <summary>Bytes a second of the fastest of some reads of a buffer of the given size by so many threads.</summary>
    public static double BytesPerSecond(long bytes, int threads)
    {
        bytes = bytes / (64 * threads) * 64 * threads;
        var buffer = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        NativeMemory.Fill(buffer, (nuint)bytes, 1);
        var fastest = double.PositiveInfinity;
        long found = 0;
        for (var i = 0; i < Repeats; i++)
        {
            var watch = Stopwatch.StartNew();
            Parallel.For(0, threads, new() { MaxDegreeOfParallelism = threads }, thread => Interlocked.Add(ref found, Read(buffer + bytes / threads * thread, bytes / threads)));
            fastest = Math.Min(fastest, watch.Elapsed.TotalSeconds);
        }

        NativeMemory.AlignedFree(buffer);
        return found == 0 ? throw new InvalidOperationException("Nothing was read.") : bytes / fastest;
    }

    private static long Read(byte* from, long bytes)
    {
        Vector<long> a = default, b = default, c = default, d = default;
        var step = 4 * Vector<byte>.Count;
        for (long i = 0; i + step <= bytes; i += step)
        {
            a += Vector.Load((long*)(from + i));
            b += Vector.Load((long*)(from + i + step / 4));
            c += Vector.Load((long*)(from + i + step / 2));
            d += Vector.Load((long*)(from + i + 3 * step / 4));
        }

        return Vector.Sum(a + b + c + d);
    }
}
