using System.Collections.Concurrent;
using System.Text.Json;
using Bft.Research.Checkpoints;
using Bft.Research.Devices;

namespace Bft.Research.Verification;

/// <summary>Tensor references of a case: <c>{ "tensor": NAME, "file": "x.safetensors" }</c>, the file beside the case file.</summary>
public sealed partial record GoldenCase
{
    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Written), WeakReference<SafetensorsFile>> s_open = [];

    /// <summary>The tensor of a reference in its stored dtype, or a nested array as float64 [its nesting]; on the CPU, owned by the caller.</summary>
    /// <exception cref="CheckpointException">The file is not valid or has no such tensor.</exception>
    /// <exception cref="InvalidDataException">Neither a reference nor a rectangular array.</exception>
    public Tensor Tensor(JsonElement value)
    {
        NativeLibraries.EnsureLoaded();
        return value.ValueKind == JsonValueKind.Object ? Referenced(value) : FromArray(value);
    }

    /// <summary>All numbers of a reference or of a nested array, row-major, as float64 (exact for every float dtype).</summary>
    /// <exception cref="CheckpointException">The file is not valid or has no such tensor.</exception>
    public double[] Numbers(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return value.Numbers();
        using var tensor = Tensor(value);
        using var wide = tensor.to(torch.ScalarType.Float64);
        return wide.data<double>().ToArray();
    }

    /// <summary>Dimensions of a reference or of a nested array; empty for a single number.</summary>
    /// <exception cref="InvalidDataException">The nesting is not rectangular.</exception>
    public long[] Shape(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
            return [.. Opened(value).Entries[value.GetProperty("tensor").Text()].Shape];
        if (value.ValueKind != JsonValueKind.Array)
            return [];
        long[]? inner = null;
        foreach (var item in value.EnumerateArray())
        {
            var shape = Shape(item);
            if (inner is not null && !inner.SequenceEqual(shape))
                throw new InvalidDataException($"{File}: case {Id}: an array mixes the shapes [{string.Join(", ", inner)}] and [{string.Join(", ", shape)}].");
            inner = shape;
        }

        return [value.GetArrayLength(), .. inner ?? []];
    }

    private Tensor Referenced(JsonElement value) => Opened(value).Load(value.GetProperty("tensor").Text());

    private Tensor FromArray(JsonElement value)
    {
        var shape = Shape(value);
        return torch.tensor(value.Numbers(), shape, torch.ScalarType.Float64);
    }

    private SafetensorsFile Opened(JsonElement value)
    {
        if (!value.TryGetProperty("tensor", out _) || !value.TryGetProperty("file", out var name))
            throw new InvalidDataException($"{File}: case {Id}: a tensor reference needs the fields 'tensor' and 'file'.");
        var info = new FileInfo(Path.Combine(Path.GetDirectoryName(File)!, name.Text()));
        if (!info.Exists)
            throw new CheckpointException(info.FullName, name.Text(), "a file beside the case file", "none");
        var key = (info.FullName, info.Length, info.LastWriteTimeUtc);
        if (s_open.TryGetValue(key, out var known) && known.TryGetTarget(out var open))
            return open;
        open = SafetensorsFile.Open(info.FullName);
        s_open[key] = new(open);
        return open;
    }
}
