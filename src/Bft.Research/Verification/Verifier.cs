using System.Text.Json;

namespace Bft.Research.Verification;

/// <summary>Outcome of one case.</summary>
/// <param name="Case">The case.</param>
/// <param name="Passed">True when everything compared agreed.</param>
/// <param name="Known">False when no runner knows the kind.</param>
/// <param name="LargestDeviation">Largest |ours − expected| over its numbers.</param>
/// <param name="Mismatches">What differed, or the error.</param>
public sealed record CaseOutcome(GoldenCase Case, bool Passed, bool Known, double LargestDeviation, IReadOnlyList<string> Mismatches);

/// <summary>Runs every case file of the <c>bft-golden-1</c> format under a folder.</summary>
public static class Verifier
{
    private const string Schema = "bft-golden-1";

    /// <summary>Runs the cases under <paramref name="folder"/> in order of path.</summary>
    /// <param name="folder">Folder searched recursively for <c>*.json</c>; files of another schema are passed over.</param>
    /// <param name="context">Root, dtype, device, cache.</param>
    /// <param name="accept">Which cases to run; null for all.</param>
    /// <param name="cancellationToken">Stops between cases.</param>
    /// <returns>One outcome a case, as it is known.</returns>
    public static IEnumerable<CaseOutcome> Run(
        string folder, VerificationContext context, Func<GoldenCase, bool>? accept = null, CancellationToken cancellationToken = default)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (var golden in Read(file))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (accept?.Invoke(golden) ?? true)
                    yield return Run(golden, context);
            }
        }
    }

    /// <summary>Runs one case; an exception is a failure with its message.</summary>
    public static CaseOutcome Run(GoldenCase golden, VerificationContext context)
    {
        if (CaseRunners.For(golden) is not { } runner)
            return new(golden, false, false, 0, [$"no runner for kind '{golden.Kind}'"]);
        var compare = new Comparison(golden.Tolerance);
        try
        {
            using var scope = torch.NewDisposeScope();
            runner.Run(golden, compare, context);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            compare.Fail($"{e.GetType().Name}: {e.Message}");
        }

        if (compare.Compared == 0 && compare.Mismatches.Count == 0)
            compare.Fail("the runner compared nothing");
        return new(golden, compare.Mismatches.Count == 0, true, compare.LargestDeviation, compare.Mismatches);
    }

    /// <summary>The cases of a file; none when the file is not of this format.</summary>
    /// <exception cref="InvalidDataException">The file says it is of this format but a case lacks a field.</exception>
    public static IReadOnlyList<GoldenCase> Read(string file)
    {
        JsonElement root;
        try
        {
            using var stream = File.OpenRead(file);
            using var document = JsonDocument.Parse(stream);
            root = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return []; // checkpoints under test may hold broken JSON on purpose
        }

        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("schema", out var schema)
            || schema.ValueKind != JsonValueKind.String || schema.GetString() != Schema)
            return [];
        var area = Field(root, "area", JsonValueKind.String, file).GetString()!;
        return [.. Field(root, "cases", JsonValueKind.Array, file).EnumerateArray().Select((value, index) => ReadCase(value, area, $"{file}: case {index}", file))];
    }

    private static GoldenCase ReadCase(JsonElement value, string area, string place, string file) => new()
    {
        Id = Field(value, "id", JsonValueKind.String, place).GetString()!,
        Kind = Field(value, "kind", JsonValueKind.String, place).GetString()!,
        Area = area,
        File = file,
        Inputs = Field(value, "inputs", JsonValueKind.Object, place),
        Expected = Field(value, "expected", JsonValueKind.Object, place),
        Tolerance = value.TryGetProperty("tolerance", out var t) && t.ValueKind == JsonValueKind.Object ? ReadTolerance(t) : Tolerance.Exact,
    };

    private static JsonElement Field(JsonElement value, string name, JsonValueKind kind, string place)
    {
        var found = value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var field) ? field : default;
        return found.ValueKind == kind ? found : throw new InvalidDataException($"{place}: {name}: expected {Word(kind)}, actual {Word(found.ValueKind)}.");
    }

    private static string Word(JsonValueKind kind) => kind == JsonValueKind.Undefined ? "nothing" : $"JSON {kind.ToString().ToLowerInvariant()}";

    private static Tolerance ReadTolerance(JsonElement value) => new(
        value.TryGetProperty("abs", out var abs) ? abs.Number() : 0,
        value.TryGetProperty("rel", out var rel) ? rel.Number() : 0);
}
