using System.Text.Json.Nodes;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>A cell that trains and shows it, run by the engine as a user runs a notebook.</summary>
public sealed class LiveTrainingNotebookTests : IDisposable
{
    private const string Setup = """
        #r "Bft.Research"
        #r "Bft.Results"
        #r "Bft.Figures"
        using Bft.Research.Data; using Bft.Research.Models; using Bft.Research.Training; using Bft.Figures;
        """;

    private const string Train = """
        var model = CausalLm.Create(new() { Family = DecoderFamily.Llama, VocabularySize = 40, HiddenSize = 16, IntermediateSize = 24, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadDim = 8 }, 7);
        int[] Ids(int row) => [.. Enumerable.Range(0, 9).Select(t => (row * 7 + t * 3) % 40)];
        var rows = Enumerable.Range(0, 8).Select(i => new TokenizedExample { Ids = Ids(i), Labels = [.. Ids(i).Select(id => (long)id)], Name = $"row {i}" }).ToList();
        var options = new TrainerOptions { Lora = null, LearningRate = 0.01, MaxSteps = 12, Accumulation = 1, RowsPerMicroBatch = 4 };
        var trainer = new Trainer(model, options);
        var plan = BatchPlan.Over(rows.Count, pick => new Collator(new()).Collate([.. pick.Select(i => rows[i])]), options);
        var live = LiveTraining.Show(figure => display(figure).Update, interval: 0);
        var curves = new TrainingCurves(live);
        trainer.Run(plan, progress: curves);
        live.Finish();
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("bft-live-").FullName;

    [Fact]
    public async Task The_figure_is_one_output_that_is_the_same_after_every_run()
    {
        var cells = (await RunAsync("live.ipynb"))["cells"]!.AsArray();
        var output = Assert.Single(cells[1]!["outputs"]!.AsArray())!; // the wrong variant leaves one output a step
        Assert.Equal("display_data", (string?)output["output_type"]);
        var data = output["data"]!.AsObject();
        Assert.Equal(["text/html", "text/plain"], data.Select(entry => entry.Key));
        Assert.True(data.ToJsonString().Length <= 40_000);
        Assert.Contains("12 of 12 steps. NLL in nats per token, first to last: training batches", data["text/plain"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(output.ToJsonString(), Assert.Single(cells[2]!["outputs"]!.AsArray())!.ToJsonString());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<JsonNode> RunAsync(string name)
    {
        var path = Path.Combine(_folder, name);
        var executed = Path.ChangeExtension(path, ".out.ipynb");
        File.WriteAllText(path, WrittenNotebook.Of(Setup, Train, Train));
        var outcome = await CommandLine.RunAsync("notebook", "run", path, "--out", executed);
        Assert.True(outcome.Code == Verb.Success, outcome.Error + (File.Exists(executed) ? File.ReadAllText(executed) : ""));
        return JsonNode.Parse(File.ReadAllText(executed))!;
    }
}
