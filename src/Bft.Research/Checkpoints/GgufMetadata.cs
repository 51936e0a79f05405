using System.Globalization;

namespace Bft.Research.Checkpoints;

/// <summary>
/// The key-value pairs of a GGUF file. A value is a .NET number of the stored width, <see cref="bool"/>, <see cref="string"/>, or an array of these.
/// </summary>
public sealed class GgufMetadata
{
    private readonly string _file;
    private readonly Dictionary<string, object> _values;

    internal GgufMetadata(string file, IReadOnlyList<KeyValuePair<string, object>> pairs)
    {
        _file = file;
        _values = new(pairs, StringComparer.Ordinal);
        Keys = [.. pairs.Select(pair => pair.Key)];
    }

    /// <summary>Keys in the order of the file.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>The value of a key, or null.</summary>
    public object? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>Whether the key is there.</summary>
    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>A string that must be there.</summary>
    /// <exception cref="CheckpointException">Absent, or another type.</exception>
    public string Text(string key) => Require<string>(key, "a string");

    /// <summary>A truth value that must be there.</summary>
    /// <exception cref="CheckpointException">Absent, or another type.</exception>
    public bool Flag(string key) => Require<bool>(key, "a truth value");

    /// <summary>An integer of any width that must be there.</summary>
    /// <exception cref="CheckpointException">Absent, another type, or above 2^63 − 1.</exception>
    public long Integer(string key) => this[key] switch
    {
        byte or sbyte or ushort or short or uint or int or long => Convert.ToInt64(this[key], CultureInfo.InvariantCulture),
        ulong value when value <= long.MaxValue => (long)value,
        _ => throw Wrong(key, "an integer"),
    };

    /// <summary>A number that must be there, as the shortest decimal that the stored float32 stands for: 1e-5, not 9.999999747378752e-06.</summary>
    /// <exception cref="CheckpointException">Absent, or another type.</exception>
    public double Decimal(string key) => this[key] switch
    {
        float value => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        double value => value,
        _ => Integer(key),
    };

    /// <summary>An array of strings that must be there.</summary>
    /// <exception cref="CheckpointException">Absent, or another type.</exception>
    public string[] Texts(string key) => Require<string[]>(key, "an array of strings");

    /// <summary>An array of 32-bit integers that must be there.</summary>
    /// <exception cref="CheckpointException">Absent, or another type.</exception>
    public int[] Integers(string key) => Require<int[]>(key, "an array of 32-bit integers");

    private T Require<T>(string key, string expected) => this[key] is T value ? value : throw Wrong(key, expected);

    private CheckpointException Wrong(string key, string expected) => new(_file, key, expected, this[key] switch
    {
        null => "none",
        Array array => $"an array of {array.Length} {array.GetType().GetElementType()!.Name}",
        var value => $"{value.GetType().Name} {Convert.ToString(value, CultureInfo.InvariantCulture)}",
    });
}
