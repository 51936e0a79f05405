using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Tokenization;
using Bft.Research.Tokenization.Training;
using Bft.Research.Training;

namespace Bft.Research.World;

/// <summary>Makes the mini model: a tokenizer from the pretraining stream, then a small decoder trained on it from scratch.</summary>
public static class MiniModelTraining
{
    /// <summary>Learns the tokenizer and writes it in Hugging Face form.</summary>
    /// <param name="world">The world.</param>
    /// <param name="options">Sizes and seed.</param>
    /// <param name="folder">Where <c>tokenizer.json</c> and <c>tokenizer_config.json</c> go.</param>
    public static HfTokenizer LearnTokenizer(MiniWorld world, MiniModelOptions options, string folder)
    {
        PretrainingCorpus corpus = new(world, (ulong)options.Seed);
        var plain = Enumerable.Range(0, options.TokenizerDocuments)
            .Select(i => corpus.Document(i).Replace(MiniModelOptions.TurnStart, "", StringComparison.Ordinal).Replace(MiniModelOptions.TurnEnd, "", StringComparison.Ordinal));
        BpeTrainer.Train(plain, options.Tokenizer()).Save(folder);
        return HfTokenizer.Load(folder);
    }

    /// <summary>Trains a fresh model in float32 by plain negative log-likelihood over every token of the stream; each row is seen once.</summary>
    /// <param name="world">The world.</param>
    /// <param name="tokenizer">Tokenizer that <see cref="LearnTokenizer"/> made.</param>
    /// <param name="options">Shape, steps, seed.</param>
    /// <param name="progress">Gets one report a step.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <returns>The model, owned by the caller.</returns>
    public static CausalLm Pretrain(
        MiniWorld world, HfTokenizer tokenizer, MiniModelOptions options, IProgress<StepReport>? progress = null, CancellationToken cancellationToken = default)
    {
        PretrainingCorpus corpus = new(world, (ulong)options.Seed);
        var endOfText = tokenizer.TokenToId(MiniModelOptions.EndOfText)!.Value;
        var rows = corpus.Rows(text => tokenizer.Encode(text, addSpecialTokens: false).Ids, endOfText, options.RowLength)
            .Take(options.Steps * options.RowsPerStep).ToList();
        var training = options.Training();
        var model = CausalLm.Create(options.Shape(tokenizer), (ulong)options.Seed);
        using Trainer trainer = new(model, training);
        trainer.Run(BatchPlan.Over(rows.Count, numbers => Batch([.. numbers.Select(n => rows[n])]), training), progress: progress, cancellationToken: cancellationToken);
        return model;
    }

    /// <summary>Rows of equal length as a batch in which every token but the first of a row is predicted.</summary>
    /// <param name="rows">At least one row of ids, all of one length.</param>
    public static TokenBatch Batch(IReadOnlyList<long[]> rows)
    {
        long[] ids = [.. rows.SelectMany(r => r)];
        return new()
        {
            Rows = rows.Count,
            Length = rows[0].Length,
            InputIds = ids,
            Scored = NextToken.Align(ids, rows.Count, rows[0].Length),
        };
    }
}
