using Bft.Research.Evaluation;
using Bft.Research.Models;
using Bft.Research.Tokenization;
using Bft.Research.Training;
using Bft.Research.World;

namespace Bft.Research.Tests.World;

public class MiniModelTests
{
    private static readonly MiniWorld World = MiniWorld.Load(FactBaseTests.Mini);

    private static readonly MiniModelOptions Tiny = new()
    {
        VocabularySize = 600,
        TokenizerDocuments = 200,
        HiddenSize = 32,
        IntermediateSize = 48,
        Layers = 1,
        Heads = 2,
        KeyValueHeads = 1,
        RowLength = 48,
        RowsPerStep = 4,
        Steps = 12,
        LearningRate = 2e-2,
    };

    private static string Shipped => Path.Combine(FactBaseTests.Mini, "model");

    [Fact]
    public void A_tiny_run_repeats_bit_by_bit_learns_and_depends_on_the_seed()
    {
        var folder = Directory.CreateTempSubdirectory("tiny").FullName;
        try
        {
            var tokenizer = MiniModelTraining.LearnTokenizer(World, Tiny, folder);
            Assert.Equal(Tiny.VocabularySize, tokenizer.VocabularySize);
            var first = Losses(tokenizer, Tiny, out var weights);
            Assert.Equal(first, Losses(tokenizer, Tiny, out var again));
            Assert.Equal(weights, again);
            Assert.NotEqual(first[0], Losses(tokenizer, Tiny with { Seed = 2, Steps = 1 }, out _)[0]);
            Assert.True(first[^1] < first[0] - 0.5, $"from {first[0]:0.00} to {first[^1]:0.00} nats a token");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Rows_are_the_documents_in_order_cut_where_a_row_is_full()
    {
        PretrainingCorpus corpus = new(World, 9);
        static IReadOnlyList<int> Encode(string text) => [.. text.Select(c => (int)c)];
        var rows = corpus.Rows(Encode, -1, 50).Take(40).ToList();
        Assert.All(rows, r => Assert.Equal(50, r.Length));
        var joined = rows.SelectMany(r => r).ToList();
        var expected = Enumerable.Range(0, 40).SelectMany(i => Encode(corpus.Document(i)).Append(-1)).Select(v => (long)v).Take(joined.Count);
        Assert.Equal(expected, joined);
        Assert.NotEqual(new PretrainingCorpus(World, 10).Rows(Encode, -1, 50).First(), rows[0]);
    }

    [Fact]
    public void Every_token_but_the_first_of_a_row_is_predicted()
    {
        var batch = MiniModelTraining.Batch([[1, 2, 3], [4, 5, 6]]);
        Assert.Equal([2L, 3, 5, 6], batch.Scored.Targets);
        Assert.Equal([0L, 1, 3, 4], batch.Scored.Positions);
    }

    [Fact]
    public void The_shipped_model_is_small_and_complete()
    {
        string[] files = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "generation_config.json", "README.md"];
        Assert.All(files, f => Assert.True(File.Exists(Path.Combine(Shipped, f)), f));
        Assert.InRange(new FileInfo(Path.Combine(Shipped, "model.safetensors")).Length, 1, 12_000_000);
        Assert.InRange(new FileInfo(Path.Combine(Shipped, "tokenizer.json")).Length, 1, 300_000);
        Assert.Equal(torch.ScalarType.BFloat16, CausalLmConfig.Read(Shipped).StoredDtype);
    }

    [Fact]
    public void The_shipped_tokenizer_gives_back_every_text_and_knows_the_chat_marks()
    {
        var tokenizer = HfTokenizer.Load(Shipped);
        PretrainingCorpus corpus = new(World, 77);
        for (var i = 0; i < 50; i++)
        {
            var ids = tokenizer.Encode(corpus.Document(i), addSpecialTokens: false).Ids;
            Assert.Equal(corpus.Document(i), tokenizer.Decode(ids));
        }

        Assert.All([MiniModelOptions.EndOfText, MiniModelOptions.TurnStart, MiniModelOptions.TurnEnd], t =>
            Assert.Equal([tokenizer.TokenToId(t)!.Value], tokenizer.Encode(t, addSpecialTokens: false).Ids));
    }

    [Fact]
    public void The_shipped_model_knows_known_facts_and_not_new_ones()
    {
        var tokenizer = HfTokenizer.Load(Shipped);
        using var model = CausalLm.Load(Shipped, torch.ScalarType.Float32);
        var known = Accuracy(model, tokenizer, FactHalf.Known, PhrasingUse.Train);
        var knownHeld = Accuracy(model, tokenizer, FactHalf.Known, PhrasingUse.HeldCloze);
        var fresh = Accuracy(model, tokenizer, FactHalf.New, PhrasingUse.Train);
        Assert.True(known.Right >= 0.65, $"known {known.Right:0.000}");
        Assert.True(knownHeld.Right >= 0.4, $"known, held-out phrasing {knownHeld.Right:0.000}");
        Assert.InRange(fresh.Right, 0.15, 0.5);
        Assert.True(known.Right >= fresh.Right + 0.25, $"known {known.Right:0.000}, new {fresh.Right:0.000}");
        Assert.InRange(known.Wrong, 0, 0.4); // answers of the next question, the wrong key
    }

    /// <summary>Share of right answers, and the share by a key that is wrong by one question.</summary>
    private static (double Right, double Wrong) Accuracy(CausalLm model, HfTokenizer tokenizer, FactHalf half, PhrasingUse use)
    {
        var questions = World.Questions(half, use, 3, 80, f => f.Relation is Relation.GeneBand or Relation.GeneFamily or Relation.GeneProcess or Relation.DrugTarget or Relation.DiseaseGene);
        var chosen = MultipleChoice.Score(model, [.. questions.Select(q => q.ToChoiceItem(tokenizer))], 32).Select(s => s.Choose(ChoiceNormalisation.None)).ToList();
        return (chosen.Zip(questions).Average(p => p.First == p.Second.Answer ? 1.0 : 0),
            chosen.Zip(questions.Skip(1)).Average(p => p.First == p.Second.Answer ? 1.0 : 0));
    }

    private static List<double> Losses(HfTokenizer tokenizer, MiniModelOptions options, out float[] weights)
    {
        Steps steps = new();
        using var model = MiniModelTraining.Pretrain(World, tokenizer, options, steps);
        weights = [.. model.Parameters.SelectMany(p => p.Value.data<float>().ToArray())];
        return steps.Losses;
    }

    private sealed class Steps : IProgress<StepReport>
    {
        public List<double> Losses { get; } = [];

        public void Report(StepReport value) => Losses.Add(value.MeanNll);
    }
}
