using Bft.Research.Devices;

namespace Bft.Research.Verification;

/// <summary>Where and how cases run: root of relative paths, dtype, device, and a cache of loaded models and tokenizers.</summary>
public sealed class VerificationContext : IDisposable
{
    private readonly Dictionary<string, object> _cache = [];

    /// <summary>Makes a context.</summary>
    /// <param name="root">Folder that holds <c>data/</c> and <c>golden/</c>, or null when there is none.</param>
    /// <param name="dtype">Working precision of tensor computations.</param>
    /// <param name="device">Device of tensor computations; null for the CPU.</param>
    public VerificationContext(string? root, torch.ScalarType dtype = torch.ScalarType.Float64, torch.Device? device = null)
    {
        NativeLibraries.EnsureLoaded();
        Root = root;
        Dtype = dtype;
        Device = device ?? torch.CPU;
    }

    /// <summary>Folder that holds <c>data/</c> and <c>golden/</c>, or null.</summary>
    public string? Root { get; }

    /// <summary>Working precision of tensor computations.</summary>
    public torch.ScalarType Dtype { get; }

    /// <summary>Device of tensor computations.</summary>
    public torch.Device Device { get; }

    /// <summary>What the working precision itself allows beside the tolerance of a case.</summary>
    public Tolerance DtypeTolerance => Dtype switch
    {
        torch.ScalarType.Float64 => Tolerance.Exact,
        torch.ScalarType.Float32 => new(1e-4, 1e-3),
        torch.ScalarType.BFloat16 => new(0.3, 0.1),
        _ => throw new ArgumentException($"Verification runs in float64, float32 or bfloat16, not {Dtype}."),
    };

    /// <summary>Finds a file or folder that a case names, in the order that the format lays down.</summary>
    /// <exception cref="FileNotFoundException">It is in none of the places; the message lists them.</exception>
    public string Resolve(GoldenCase golden, string name)
    {
        var places = Places(Path.GetDirectoryName(golden.File)!, name).ToList();
        return places.FirstOrDefault(place => File.Exists(place) || Directory.Exists(place))
            ?? throw new FileNotFoundException($"{golden.File}: case {golden.Id} names '{name}', which is in none of: {string.Join(", ", places)}.");
    }

    /// <summary>The folder that holds <c>data/</c> and <c>golden/</c> at or above <paramref name="start"/>, or null.</summary>
    public static string? NearestRoot(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "data")) && Directory.Exists(Path.Combine(folder.FullName, "golden")))
                return folder.FullName;
        return null;
    }

    /// <summary>A value made once and kept until this context is disposed, which disposes it.</summary>
    public T Cached<T>(string key, Func<T> make) where T : class
    {
        if (!_cache.TryGetValue(key, out var value))
            _cache[key] = value = make();
        return (T)value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in _cache.Values.OfType<IDisposable>())
            value.Dispose();
        _cache.Clear();
    }

    private IEnumerable<string> Places(string caseFolder, string name)
    {
        yield return Path.Combine(caseFolder, name);
        yield return Path.Combine(caseFolder, "..", "models", name);
        if (Root is null)
            yield break;
        yield return Path.Combine(Root, name);
        var models = Path.Combine(Root, "data", "models");
        yield return Path.Combine(models, name);
        if (Directory.Exists(models))
            foreach (var folder in Directory.EnumerateDirectories(models).Order(StringComparer.Ordinal))
                yield return Path.Combine(folder, name);
    }
}
