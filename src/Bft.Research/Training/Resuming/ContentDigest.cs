using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Bft.Research.Checkpoints;
using Bft.Research.Data;

namespace Bft.Research.Training;

/// <summary>SHA-256 of what a run works on, as lower-case hexadecimal. Names of rows are not part of it, so a file may move.</summary>
internal static class ContentDigest
{
    /// <summary>Over names, dtypes, shapes and bytes of tensors, in order; tensors are hashed side by side.</summary>
    public static string Of(IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        var each = new byte[tensors.Count][];
        Parallel.For(0, tensors.Count, i => each[i] = Of(tensors[i].Name, tensors[i].Value));
        return Hex(each);
    }

    /// <summary>Over the samples of batches, in order, whatever their split into batches and rows and their padding.</summary>
    public static string OfRows(IReadOnlyList<TokenBatch> batches)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var batch in batches)
            for (var row = 0; row < batch.Rows; row++)
                foreach (var sample in Enumerable.Range(row * batch.Length, batch.Length).Where(at => batch.AttentionMask?[at] ?? true).GroupBy(at => batch.SampleIds?[at]))
                    Add<long>(hash, [.. sample.Select(at => batch.InputIds[at])]);
        Add<long>(hash, [.. batches.SelectMany(batch => batch.Scored.Targets)]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Over numbers, in order.</summary>
    public static string Of(IReadOnlyList<long> numbers) => Hex([MemoryMarshal.AsBytes<long>([.. numbers]).ToArray()]);

    /// <summary>[rows] the first 8 bytes of the digest of every row: ids, labels, turns.</summary>
    public static long[] OfRows(IReadOnlyList<TokenizedExample> rows) => [.. rows.AsParallel().AsOrdered().Select(Of)];

    /// <summary>Of a file.</summary>
    public static string OfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static byte[] Of(string name, Tensor value)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{name} {value.dtype} {string.Join(',', value.shape)}\n"));
        TensorBytes.Read(value, hash.AppendData);
        return hash.GetHashAndReset();
    }

    private static long Of(TokenizedExample row)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add<int>(hash, row.Ids);
        Add<long>(hash, row.Labels);
        Add<int>(hash, row.Turns);
        return BitConverter.ToInt64(hash.GetHashAndReset());
    }

    /// <summary>Length before content, so that nothing slides from one array into the next; −1 for none.</summary>
    private static void Add<T>(IncrementalHash hash, T[]? values)
        where T : unmanaged
    {
        hash.AppendData(BitConverter.GetBytes(values?.Length ?? -1));
        hash.AppendData(MemoryMarshal.AsBytes<T>(values));
    }

    private static string Hex(IEnumerable<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
            hash.AppendData(part);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
