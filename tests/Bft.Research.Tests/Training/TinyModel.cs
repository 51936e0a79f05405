using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Numerics;

namespace Bft.Research.Tests.Training;

/// <summary>A real decoder of a few thousand parameters, and rows for it.</summary>
internal static class TinyModel
{
    /// <summary>Its shape.</summary>
    public static CausalLmConfig Config { get; } = new()
    {
        Family = DecoderFamily.Llama,
        VocabularySize = 40,
        HiddenSize = 16,
        IntermediateSize = 24,
        Layers = 2,
        Heads = 2,
        KeyValueHeads = 1,
        HeadDim = 8,
        InitialDeviation = 0.3,
    };

    public static CausalLm Create(torch.ScalarType dtype = torch.ScalarType.Float64, bool tied = true, ulong seed = 7)
    {
        Bft.Research.Devices.NativeLibraries.EnsureLoaded();
        torch.set_num_threads(1); // two threads that wait for each other make tiny tensors slow on a busy machine
        return CausalLm.Create(Config with { TiedHead = tied }, seed, dtype);
    }

    /// <summary>Rows of different lengths; the first two ids of each are not supervised.</summary>
    public static IReadOnlyList<long[]> Rows { get; } =
        [.. Enumerable.Range(0, 8).Select(row => Enumerable.Range(0, 5 + row % 4 * 2).Select(t => (long)((row * 7 + t * t * 3 + 1) % 40)).ToArray())];

    public static TokenBatch Batch(params IEnumerable<int> numbers)
    {
        int[] rows = [.. numbers];
        var length = rows.Max(r => Rows[r].Length);
        long[] ids = new long[rows.Length * length], labels = [.. Enumerable.Repeat(NextToken.Ignored, rows.Length * length)];
        var mask = new bool[ids.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var t = 0; t < Rows[rows[i]].Length; t++)
            {
                ids[i * length + t] = Rows[rows[i]][t];
                mask[i * length + t] = true;
                if (t >= 2)
                    labels[i * length + t] = Rows[rows[i]][t];
            }
        }

        return new()
        {
            Rows = rows.Length,
            Length = length,
            InputIds = ids,
            AttentionMask = mask,
            Scored = NextToken.Align(labels, rows.Length, length),
            SampleNames = [.. rows.Select(r => $"rows.jsonl:{r + 1}")],
        };
    }

    /// <summary>All rows in order, some a micro-batch.</summary>
    public static IReadOnlyList<TokenBatch> MicroBatches(int perMicroBatch) => [.. Enumerable.Range(0, Rows.Count).Chunk(perMicroBatch).Select(c => Batch(c))];

    public static double[] Doubles(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        return tensor.detach().to(torch.ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    public static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
