using Bft.Research.Data;
using Bft.Research.Devices;
using Bft.Research.Experiments;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Tests.Training;
using Bft.Research.Tokenization;
using Bft.Research.World;
using Bft.Results;
using Bft.Tests;

namespace Bft.Research.Tests.Experiments;

public sealed class FineTuningTests : IDisposable
{
    private static readonly ExperimentFolders s_folders = new(Path.Combine(Checkout.Root, "notebooks"), new("no-such-folder"));
    private static readonly HfTokenizer s_tokenizer = HfTokenizer.Load(s_folders.Resolve("mini/model"));
    private readonly FineTuningExperiment _experiment = Create(loraRank: 0);

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Arms_share_start_rows_and_order_and_differ_in_the_objective_alone(int loraRank)
    {
        using var experiment = Create(loraRank);
        var (first, second, again) = (experiment.Train("sft", 1), experiment.Train("bft-v3", 1), experiment.Train("sft", 1));
        Assert.Equal(first.RowNames, second.RowNames);
        Assert.Equal(first.Steps[0].MeanNll, second.Steps[0].MeanNll);
        Assert.NotEqual(first.Steps[^1].MeanNll, second.Steps[^1].MeanNll); // the wrong variant: the objective ignored
        Assert.Equal(first.Steps.Select(s => s.Loss), again.Steps.Select(s => s.Loss)); // the wrong variant: the second arm goes on from the first
        Assert.Equal(first.Evaluations[^1].Total("probe", ProbeSubset.All), again.Evaluations[^1].Total("probe", ProbeSubset.All));
        Assert.NotEqual(first.RowNames, experiment.Train("sft", 2).RowNames);
    }

    [Fact]
    public void Low_tokens_are_those_that_were_low_before_training()
    {
        var set = _experiment.Material.Probe("probe");
        var before = ProbeReading.Of(_experiment.Model, set, 0, ask: false);
        var arm = _experiment.Train("sft", 1);
        double Low(IReadOnlyList<ProbeRow> rows) => rows.Sum(row => row.LowBefore.Count);
        Assert.All(arm.Evaluations, at => Assert.Equal(Low(_experiment.Before.Sets["probe"]), Low(at.Sets["probe"])));

        using var other = TinyModel.Create(seed: 9); // stands for a model that has changed
        var after = ProbeReading.Of(other, set, 0, ask: false);
        var right = after.Rows(before, 0.05).Select(row => row.LowBefore).ToList();
        var wrong = after.Rows(after, 0.05).Select(row => row.LowBefore).ToList(); // the wrong variant: picked after training
        Assert.NotEqual(right, wrong);
        Assert.True(wrong.Sum(s => s.Confidence) < right.Sum(s => s.Confidence), "picking low tokens afterwards picks what was not learned");
    }

    [Fact]
    public void Sums_are_those_of_the_full_softmax_and_batches_do_not_matter()
    {
        var set = _experiment.Material.Probe("probe");
        var rows = ProbeReading.Of(_experiment.Model, set, 0, ask: false);
        for (var i = 0; i < set.Rows.Count; i += 7)
        {
            var alone = ByHand(_experiment.Model, set.Rows[i]);
            var sums = rows.Rows(rows, 0.1)[i].All;
            Assert.Equal(alone.Count, sums.Count);
            Assert.Equal(alone.Nll, sums.Nll, 1e-8);
            Assert.Equal(alone.Right, sums.Right);
            Assert.NotEqual(ByHand(_experiment.Model, set.Rows[i], shift: 0).Nll, sums.Nll, 1e-3); // the wrong variant: labels not shifted
        }
    }

    [Fact]
    public void The_bootstrap_is_paired_and_covers_rows_and_seeds()
    {
        TokenSums[] easy = [.. Enumerable.Range(0, 30).Select(i => new TokenSums(10, i, i % 10, 5))], hard = [.. easy.Select(row => row with { Nll = row.Nll + 1 })];
        var bootstrap = new FineTuningBootstrap(30, 2, 500, 3);
        var (a, b) = (bootstrap.Of([hard, hard]), bootstrap.Of([easy, easy]));
        var paired = a.Minus(b, s => s.Mean(Metrics.Nll));
        Assert.Equal(0.1, paired.Value, 1e-12);
        Assert.Equal(paired.Low, paired.High, 1e-12);
        var unpaired = a.Minus(new FineTuningBootstrap(30, 2, 500, 99).Of([easy, easy]), s => s.Mean(Metrics.Nll)); // the wrong variant: each arm draws its own rows
        Assert.True(unpaired.High - unpaired.Low > 0.3);
        TokenSums[] flat = [.. Enumerable.Repeat(new TokenSums(10, 5, 5, 5), 30)], flatter = [.. Enumerable.Repeat(new TokenSums(10, 9, 5, 5), 30)];
        var seeds = bootstrap.Of([flat, flatter]).Estimate(s => s.Mean(Metrics.Nll));
        Assert.Equal((0.5, 0.9), (seeds.Low, seeds.High)); // rows alone would give no width
        Assert.Equal(0.7, seeds.Value, 1e-12);
    }

    [Fact]
    public void Findings_refuse_arms_of_other_rows_and_make_a_manifest_that_reads_back()
    {
        var arms = (from seed in new long[] { 1, 2 } from objective in new[] { "sft", "dft", "bft-v3" } select _experiment.Train(objective, seed)).ToList();
        var findings = new FineTuningFindings(_experiment, arms, 0);
        Assert.Contains("same order", Assert.Throws<ArgumentException>(() => new FineTuningFindings(
            _experiment, [.. arms.Take(5), arms[5] with { RowNames = [.. arms[5].RowNames.Reverse()] }], 0)).Message);
        Assert.Contains("bft-v3: expected one arm for each", Assert.Throws<ArgumentException>(() => new FineTuningFindings(_experiment, [.. arms.Take(5)], 0)).Message);

        var level = findings.Level("sft", "probe", ProbeSubset.All, Metrics.Nll);
        var expected = arms.Where(arm => arm.Objective == "sft").Average(arm => arm.Evaluations[^1].Total("probe", ProbeSubset.All).Mean(Metrics.Nll));
        Assert.Equal(expected, level.Value, 1e-12);
        Assert.True(level.Value < findings.Level(FineTuningFindings.Base, "probe", ProbeSubset.All, Metrics.Nll).Value);
        var claims = findings.Claims();
        Assert.Equal(4, claims.Claims.Count);
        Assert.Equal(Outcome.Undecided, claims.Claims[^1].Outcome); // two seeds decide nothing about spread
        var manifest = findings.Manifest(_experiment, 0, new("tiny", new string('0', 64)), 1);
        Assert.Equal(Processor.Describe(), manifest.Device);
        Assert.Equal(manifest.ToJson(), RunManifest.Parse(manifest.ToJson()).ToJson());
    }

    [Fact]
    public void The_world_teaches_facts_that_its_probes_ask_in_other_words()
    {
        var profile = ExperimentProfile.Read("mini", s_folders);
        var material = FineTuningMaterial.Load(profile, s_folders, s_tokenizer, ChatTemplate.Load(s_folders.Resolve("mini/model")), 0);
        var scale = profile.FineTuning;
        Assert.Equal((scale.TrainingRows, 4), (material.Training.Count, material.Probes.Count));
        var taught = material.Training.Select(row => row.Name[..row.Name.IndexOf('#')]).ToHashSet();
        Assert.Equal(scale.TrainingRows / scale.RowsPerFact, taught.Count);
        Assert.All(material.Probe(material.GainName).Rows, row => Assert.Contains(row.Name, taught));
        Assert.All(material.Probe("known facts").Rows, row => Assert.DoesNotContain(row.Name, taught));
        var world = MiniWorld.Load(s_folders.Resolve("mini"));
        string Text(TokenizedExample row) => s_tokenizer.Decode(row.Ids);
        Assert.All(material.Training, row => Assert.DoesNotContain(world.HeldOutTraces, Text(row).Contains));
        Assert.Contains(material.Probe(material.GainName).Rows, row => world.HeldOutTraces.Any(Text(row).Contains)); // the wrong variant: asked in the words of training
        Assert.All(material.Probes.SelectMany(set => set.Questions.Zip(set.Rows)), pair =>
            Assert.Equal(pair.First.Item.Choices[pair.First.Answer], pair.Second.Labels.Where(label => label != NextToken.Ignored)));
    }

    [Fact]
    public void PubMedQa_gives_trained_answers_under_another_prompt_and_unseen_ones()
    {
        var folders = s_folders with { Data = new(SharedFolder.Require("data")) };
        var laptop = ExperimentProfile.Read("laptop", folders);
        var profile = laptop with { FineTuning = laptop.FineTuning with { TrainingRows = 20, HeldOutRows = 10, GeneralRows = 6 } };
        var words = folders.Resolve(profile.Tokenizer!);
        var material = FineTuningMaterial.Load(profile, folders, HfTokenizer.Load(words), ChatTemplate.Load(words), 0);
        var trained = material.Training.ToDictionary(row => row.Name);
        Assert.Equal(20, trained.Count);
        Assert.Equal([10, 10, 6], material.Probes.Select(set => set.Rows.Count));
        Assert.All(material.Training, row => Assert.InRange(row.Length, 2, profile.FineTuning.Cutoff));
        Assert.All(material.Probe(material.GainName).Rows, row => Assert.NotEqual(trained[row.Name].Ids, row.Ids)); // the wrong variant: the same prompt
        Assert.All(material.Probe("unseen answers").Rows, row => Assert.DoesNotContain(row.Name, trained.Keys));
    }

    [Fact]
    public void A_file_of_ones_own_is_split_into_trained_and_unseen_rows()
    {
        var file = Path.Combine(Path.GetTempPath(), $"bft-rows-{Guid.NewGuid():N}.jsonl");
        try
        {
            File.WriteAllLines(file, Enumerable.Range(0, 7).Select(i => $$"""{"instruction":"Question {{i}}?","output":"Answer {{i}}."}"""));
            FineTuningMaterial Load(int held)
            {
                var mini = ExperimentProfile.Read("mini", s_folders);
                var profile = mini with { FineTuning = mini.FineTuning with { Rows = file, TrainingRows = 4, HeldOutRows = held, GeneralRows = 2 } };
                return FineTuningMaterial.Load(profile, s_folders, s_tokenizer, ChatTemplate.Load(s_folders.Resolve("mini/model")), 0);
            }

            var material = Load(held: 3);
            Assert.Equal([3, 3, 2], material.Probes.Select(set => set.Rows.Count));
            Assert.Equal(7, material.Training.Concat(material.Probe("unseen rows").Rows).Select(row => row.Name).Distinct().Count()); // the wrong variant: held out and trained on
            Assert.Contains("expected 4 rows to train on and 4 more, actual 7", Assert.Throws<InvalidDataException>(() => Load(held: 4)).Message);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public void Dispose() => _experiment.Dispose();

    private static FineTuningExperiment Create(int loraRank)
    {
        var profile = ExperimentProfile.Read("mini", s_folders);
        var scale = profile.FineTuning with
        {
            LoraRank = loraRank,
            Steps = 6,
            RowsPerMicroBatch = 4,
            Accumulation = 1,
            LearningRate = 0.02,
            EvaluateEvery = 3,
            Window = 4,
            LowThreshold = 0.05,
            Resamples = 50,
        };
        var rows = Examples(16, "row");
        return new(profile with { FineTuning = scale }, TinyModel.Create(), s_tokenizer, new(
            rows, [new("probe", "", [.. rows, .. Examples(4, "other")], []), new("general text", "", Examples(6, "text"), [])], "probe", "general text"), padId: 0);
    }

    private static List<TokenizedExample> Examples(int count, string name) =>
    [
        .. Enumerable.Range(0, count).Select(row =>
        {
            int[] ids = [.. Enumerable.Range(0, 5 + row % 4 * 2).Select(t => (row * 7 + t * t * 3 + name.Length) % 40)];
            return new TokenizedExample { Ids = ids, Labels = [.. ids.Select((id, t) => t < 2 ? NextToken.Ignored : id)], Name = $"{name} {row}" };
        }),
    ];

    private static TokenSums ByHand(CausalLm model, TokenizedExample row, int shift = 1)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var logits = model.Logits(model.Hidden(torch.tensor(row.Ids.Select(id => (long)id).ToArray()).unsqueeze(0)))[0];
        var logProbs = torch.nn.functional.log_softmax(logits, 1);
        var sums = new TokenSums();
        for (var t = 2; t < row.Length; t++)
            sums += TokenSums.Of(logProbs[t - shift, row.Ids[t]].ToDouble(), logits[t - shift].argmax().ToInt64() == row.Ids[t]);
        return sums;
    }
}
