using System.Text.Json;

namespace Bft.Research.Verification;

/// <summary>What a reference value supports: |ours − expected| ≤ <paramref name="Absolute"/> + <paramref name="Relative"/> · |expected|.</summary>
public readonly record struct Tolerance(double Absolute, double Relative)
{
    /// <summary>No deviation at all.</summary>
    public static Tolerance Exact => default;

    /// <summary>The looser of two tolerances, part by part.</summary>
    public Tolerance Or(Tolerance other) => new(Math.Max(Absolute, other.Absolute), Math.Max(Relative, other.Relative));

    /// <summary>True when <paramref name="actual"/> may stand for <paramref name="expected"/>; NaN matches NaN, an infinity only itself.</summary>
    public bool Accepts(double expected, double actual)
    {
        if (double.IsNaN(expected) || double.IsNaN(actual))
            return double.IsNaN(expected) && double.IsNaN(actual);
        if (double.IsInfinity(expected) || double.IsInfinity(actual))
            return expected == actual;
        return Math.Abs(actual - expected) <= Absolute + Relative * Math.Abs(expected);
    }
}

/// <summary>One reference case of a <c>bft-golden-1</c> file.</summary>
public sealed partial record GoldenCase
{
    /// <summary>Identifier, unique inside the area.</summary>
    public required string Id { get; init; }

    /// <summary>The operation under test; runners are chosen by it.</summary>
    public required string Kind { get; init; }

    /// <summary>Area of the file, for example <c>objectives</c>.</summary>
    public required string Area { get; init; }

    /// <summary>Full path of the case file.</summary>
    public required string File { get; init; }

    /// <summary>Inputs as written.</summary>
    public required JsonElement Inputs { get; init; }

    /// <summary>Expected values as written.</summary>
    public required JsonElement Expected { get; init; }

    /// <summary>What the reference supports in float64, or in the dtype that the case names.</summary>
    public required Tolerance Tolerance { get; init; }

    /// <summary>An input that must be there.</summary>
    /// <exception cref="InvalidDataException">The case has no such input.</exception>
    public JsonElement Input(string name) =>
        Inputs.TryGetProperty(name, out var value) ? value : throw new InvalidDataException($"{File}: case {Id}: inputs.{name} is missing.");

    /// <summary>An input that may be absent or null.</summary>
    public JsonElement? OptionalInput(string name) =>
        Inputs.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>An expected value that must be there.</summary>
    /// <exception cref="InvalidDataException">The case has no such value.</exception>
    public JsonElement Expect(string name) =>
        Expected.TryGetProperty(name, out var value) ? value : throw new InvalidDataException($"{File}: case {Id}: expected.{name} is missing.");

    /// <summary>An expected value that may be absent or null.</summary>
    public JsonElement? OptionalExpect(string name) =>
        Expected.ValueKind == JsonValueKind.Object && Expected.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
