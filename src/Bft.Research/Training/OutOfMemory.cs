using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Bft.Research.Data;

namespace Bft.Research.Training;

/// <summary>Tells a lack of memory from other errors, and says what to do about it.</summary>
internal static partial class OutOfMemory
{
    private const int MostRows = 16;

    /// <summary>Whether an error means that memory did not suffice: managed, libtorch on the processor, or libtorch on a device.</summary>
    public static bool Is(Exception e) => e is OutOfMemoryException || (e is ExternalException && Shortage().IsMatch(e.Message));

    /// <summary>What happened in a micro-batch, with the lengths of its rows and the changes that need less memory, cheapest first.</summary>
    /// <param name="e">The error.</param>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="options">Options of the run.</param>
    public static string Describe(Exception e, TokenBatch batch, TrainerOptions options)
    {
        var lengths = Enumerable.Range(0, batch.Rows).Select(row => Length(batch, row)).ToList();
        var shown = string.Join(", ", lengths.Take(MostRows)) + (lengths.Count > MostRows ? $" and {lengths.Count - MostRows} more" : "");
        return string.Create(CultureInfo.InvariantCulture,
            $"out of memory{Wanted(e)} in a micro-batch of {batch.Rows} rows × {batch.Length} tokens (tokens of the rows: {shown}); {string.Join(", or ", Advice(options, batch))}");
    }

    /// <summary>What happened outside of a micro-batch.</summary>
    public static string Describe(Exception e) => $"out of memory{Wanted(e)} in the optimiser; train fewer values (LoRA, a lower rank)";

    private static IEnumerable<string> Advice(TrainerOptions options, TokenBatch batch)
    {
        if (options.RowsPerMicroBatch > 1)
            yield return $"take RowsPerMicroBatch 1 and Accumulation {options.RowsPerMicroBatch * options.Accumulation}, which gives the same steps";
        yield return $"cut rows to fewer than {batch.Length} tokens (Cutoff)";
        yield return options.Lora is null ? "train LoRA instead of all weights" : "take a model in bfloat16, or a smaller one";
    }

    private static string Wanted(Exception e) => Size().Match(e.Message) is { Success: true } match ? $" (wanted {match.Groups[1].Value})" : "";

    private static int Length(TokenBatch batch, int row) =>
        batch.AttentionMask is { } mask ? mask.AsSpan(row * batch.Length, batch.Length).Count(true) : batch.Length;

    [GeneratedRegex(@"DefaultCPUAllocator: (?:can't allocate|not enough) memory|CUDA out of memory|CUDA error: out of memory|std::bad_alloc|CUBLAS_STATUS_ALLOC_FAILED", RegexOptions.CultureInvariant)]
    private static partial Regex Shortage();

    [GeneratedRegex(@"[Tt]ried to allocate (\d+(?:\.\d+)? \w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Size();
}
