using System.Globalization;
using Bft.Research.Objectives;

namespace Bft.Research.Training;

/// <summary>Ways to need less memory, cheapest first.</summary>
internal static class MemoryLadder
{
    private const int SmallHeadTile = 512;

    /// <summary>Changes on top of each other until the peak is within a limit; all that help when there is no limit.</summary>
    /// <param name="estimate">What was asked for.</param>
    /// <param name="limit">Bytes, or null.</param>
    public static IEnumerable<MemoryChange> Changes(MemoryEstimate estimate, long? limit)
    {
        var total = estimate.TotalBytes;
        foreach (var step in (Func<MemoryEstimate, (MemoryEstimate, string, string)?>[])[SmallerMicroBatch, Checkpointing, SmallerHead, BFloat16, Lora])
        {
            while ((limit is null || total > limit) && step(estimate) is var (next, what, price) && next.TotalBytes < total)
            {
                (estimate, total) = (next, next.TotalBytes);
                yield return new(what, price, total);
                if (limit is null)
                    break;
            }
        }
    }

    private static (MemoryEstimate, string, string)? SmallerMicroBatch(MemoryEstimate asked)
    {
        if (asked.Batch.Rows < 2)
            return null;
        var batch = asked.Batch.Halved();
        var accumulation = asked.Options.Accumulation * 2;
        var options = asked.Options with { RowsPerMicroBatch = Math.Max(1, asked.Options.RowsPerMicroBatch / 2), Accumulation = accumulation };
        return (
            asked with { Batch = batch, Options = options },
            $"rowsPerMicroBatch to {options.RowsPerMicroBatch} and accumulation to {accumulation}",
            "none in results; smaller products use the processor a little less well");
    }

    private static (MemoryEstimate, string, string)? Checkpointing(MemoryEstimate asked)
    {
        if (asked.Options.GradientCheckpointing)
            return null;
        var (without, with) = (asked.Flops(false), asked.Flops(true));
        return (
            asked with { Options = asked.Options with { GradientCheckpointing = true } },
            "gradientCheckpointing to true",
            string.Create(CultureInfo.InvariantCulture, $"{with / without - 1:0 %} more operations a step, none in results"));
    }

    private static (MemoryEstimate, string, string)? SmallerHead(MemoryEstimate asked)
    {
        var head = asked.Options.Head;
        LmHeadOptions small = new() { TokenChunk = Math.Min(SmallHeadTile, head.TokenChunk), VocabularyChunk = Math.Min(SmallHeadTile, head.VocabularyChunk), KeptLogits = 0 };
        return small == head ? null : (
            asked with { Options = asked.Options with { Head = small } },
            $"head.tokenChunk and head.vocabularyChunk to {SmallHeadTile}, head.keptLogits to 0",
            "more and smaller products in the head; a head that trains computes its logits twice");
    }

    private static (MemoryEstimate, string, string)? BFloat16(MemoryEstimate asked) =>
        asked.Dtype == torch.ScalarType.BFloat16 ? null : (
            asked with { Dtype = torch.ScalarType.BFloat16 },
            "dtype to bfloat16",
            "weights are rounded to 8 binary digits; what trains keeps float32 copies");

    private static (MemoryEstimate, string, string)? Lora(MemoryEstimate asked) =>
        asked.Options.Lora is not null ? null : (
            asked with { Options = asked.Options with { Lora = new() } },
            "lora to rank 16 on all linear layers",
            "another training: a low-rank update instead of all weights");
}
