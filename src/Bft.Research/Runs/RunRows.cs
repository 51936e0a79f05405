using Bft.Research.Data;
using Bft.Research.Evaluation;
using Bft.Research.Tokenization;
using Bft.Research.Training;

namespace Bft.Research.Runs;

/// <summary>The rows of a run as tokens, and the plan of its steps; no weights are needed for it.</summary>
public sealed class RunRows
{
    private const int PieceLength = 512;

    private RunRows(HfTokenizer tokenizer, RowSet training, RowSet? heldOut, IReadOnlyList<TokenBatch> general, IReadOnlyList<string> remarks, TrainerOptions options)
    {
        GeneralBatches = general;
        (Tokenizer, Training, HeldOut, Remarks) = (tokenizer, training, heldOut, remarks);
        Plan = BatchPlan.Over(training, options);
        _ = options.ScheduleOver(Plan.Steps); // a decay that is longer than the run is found here, before a model is loaded
        HeldOutBatches = heldOut is null ? [] : [.. new Collator(heldOut.PadId).Batches(heldOut.Examples, options.RowsPerMicroBatch)];
    }

    /// <summary>The model's tokenizer.</summary>
    public HfTokenizer Tokenizer { get; }

    /// <summary>Rows that are trained on.</summary>
    public RowSet Training { get; }

    /// <summary>Rows that are only measured, or null.</summary>
    public RowSet? HeldOut { get; }

    /// <summary>A line for every file: how many rows were used, cut and left out.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <summary>Which rows go into which step.</summary>
    public BatchPlan Plan { get; }

    /// <summary>The held-out rows as batches.</summary>
    public IReadOnlyList<TokenBatch> HeldOutBatches { get; }

    /// <summary>General text as batches, to see what is forgotten; empty for none.</summary>
    public IReadOnlyList<TokenBatch> GeneralBatches { get; }

    /// <summary>Reads and tokenises the rows of a run.</summary>
    /// <param name="options">The run.</param>
    /// <exception cref="DataFileException">A row cannot be used and is not to be skipped.</exception>
    /// <exception cref="InvalidDataException">A file is not there, or there is nothing to train on.</exception>
    public static RunRows Read(RunOptions options)
    {
        var folder = ModelFolder.Of(options.Model);
        var tokenizer = HfTokenizer.Load(folder);
        var chat = options.Trainer.Rows.Plain ? null : ChatTemplate.Load(folder, options.Trainer.Rows.TemplateMark);
        List<string> remarks = [];
        var training = Read(options.Data)!;
        var heldOut = Read(options.HeldOut);
        if (options.HeldOutPart > 0)
            (training, heldOut) = Split(training, options);
        return new(tokenizer, training, heldOut, General(options, tokenizer, remarks), remarks, options.Trainer);

        RowSet? Read(IReadOnlyList<DataSource> sources)
        {
            RowSet[] sets = [.. sources.Select(source => RunRows.Read(source, options.Trainer.Rows, tokenizer, chat))];
            remarks.AddRange(sources.Zip(sets, (source, set) => $"{source.File}: {set.Report}"));
            return sets.Length < 2 ? sets.FirstOrDefault() : new([.. sets.SelectMany(set => set.Examples)], sets[0].PadId);
        }
    }

    private static List<TokenBatch> General(RunOptions options, HfTokenizer tokenizer, List<string> remarks)
    {
        if (options.Forgetting is not { } file)
            return [];
        var text = TextRows.Read(file, tokenizer, Math.Min(PieceLength, options.Trainer.Rows.Cutoff));
        List<TokenizedExample> pieces = [.. text.Examples.Take(options.ForgettingPieces)];
        remarks.Add($"{file}: {pieces.Count} of {text.Examples.Count} pieces of general text, {pieces.Sum(piece => piece.Length)} tokens");
        return [.. new Collator(text.PadId).Batches(pieces, options.Trainer.RowsPerMicroBatch)];
    }

    private static RowSet Read(DataSource source, RowOptions rows, HfTokenizer tokenizer, ChatTemplate? chat)
    {
        if (!File.Exists(source.File))
            throw new InvalidDataException($"{source.File}: no such file.");
        return RowSet.Read(source.File, tokenizer, chat, rows with { Form = source.Form ?? rows.Form, Columns = source.Columns ?? rows.Columns }, source.Limit);
    }

    private static (RowSet Training, RowSet HeldOut) Split(RowSet rows, RunOptions options)
    {
        var all = rows.Examples;
        var count = options.HeldOutPart < 1 ? (int)Math.Ceiling(options.HeldOutPart * all.Count) : (int)options.HeldOutPart;
        if (count >= all.Count)
            throw new InvalidDataException($"HeldOutPart: expected fewer than the {all.Count} rows, actual {count}.");
        var chosen = StableShuffle.Order(all.Count, options.Trainer.Seed, -1)[..count].ToHashSet();
        return (new([.. all.Where((_, i) => !chosen.Contains(i))], rows.PadId, rows.Report), new([.. all.Where((_, i) => chosen.Contains(i))], rows.PadId, rows.Report));
    }
}
