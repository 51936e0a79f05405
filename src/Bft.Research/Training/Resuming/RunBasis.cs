using Bft.Research.Models;

namespace Bft.Research.Training;

/// <summary>What a run depends on, with a digest of every row.</summary>
/// <param name="Digest">Digests.</param>
/// <param name="Rows">[rows] the first 8 bytes of the digest of every row.</param>
internal sealed record RunBasis(RunDigest Digest, long[] Rows)
{
    /// <summary>The basis of a run that has not begun; reads every byte of the model unless <see cref="TrainingTask.ModelDigest"/> is given.</summary>
    public static RunBasis Of(CausalLm model, TrainerOptions options, TrainingTask task)
    {
        var rows = ContentDigest.OfRows(task.Rows);
        return new(RunDigest.Of(model, options, task, rows), rows);
    }
}
