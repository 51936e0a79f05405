using System.Text.Json.Nodes;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>Bars over training, evaluation and generation of the library, run by the engine as a user runs a notebook.</summary>
public sealed class ProgressNotebookTests : IDisposable
{
    private const string Setup = """
        #r "Bft.Research"
        using Bft.Research.Data; using Bft.Research.Evaluation; using Bft.Research.Models; using Bft.Research.Models.Generation; using Bft.Research.Training;
        var model = CausalLm.Create(new() { Family = DecoderFamily.Llama, VocabularySize = 40, HiddenSize = 16, IntermediateSize = 24, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadDim = 8 }, 7);
        int[] Ids(int row) => [.. Enumerable.Range(0, 9).Select(t => (row * 7 + t * 3) % 40)];
        var rows = Enumerable.Range(0, 8).Select(i => new TokenizedExample { Ids = Ids(i), Labels = [.. Ids(i).Select(id => (long)id)], Name = $"row {i}" }).ToList();
        var batches = rows.Chunk(2).Select(pick => new Collator(new()).Collate(pick)).ToList();
        """;

    private const string Train = """
        var options = new TrainerOptions { Lora = null, LearningRate = 0.01, MaxSteps = 12, Accumulation = 1, RowsPerMicroBatch = 4 };
        var plan = BatchPlan.Over(rows.Count, pick => new Collator(new()).Collate([.. pick.Select(i => rows[i])]), options);
        new Trainer(model, options).Run(plan, progress: Progress.Of<StepReport>((bar, step) => bar.Report(step.Step, step.TotalSteps, ("NLL", step.MeanNll), ("loss", step.Loss)), "SFT", unit: "steps"));
        """;

    private const string Evaluate = "#!fsharp\n#!share --from csharp model\n#!share --from csharp batches\n"
        + "let nll = Bft.Research.Evaluation.Perplexity.Measure(model, Progress.Over(batches, \"evaluation\", unit = \"batches\")).MeanNll";

    private const string Generate = "var tokens = Progress.Over(Generator.Stream(model, [[1, 2]], new() { MaxNewTokens = 6, EosTokenIds = [] }), \"generation\", 6, \"tokens\").Count();";

    private const string Fail = "using System.IO;\nforeach (var row in Progress.Over(rows, \"rows\"))\n    if (row.Name == \"row 3\") throw new InvalidDataException(row.Name);";

    private readonly string _folder = Directory.CreateTempSubdirectory("bft-progress-").FullName;

    [Fact]
    public async Task A_bar_is_one_output_that_is_the_same_after_every_run()
    {
        var (code, first) = await RunAsync("a", Setup, Train, Evaluate, Generate);
        Assert.True(code == Verb.Success, first.ToJsonString());
        // the wrong variant leaves one output a step
        Assert.StartsWith("SFT: ████████████████████ 12 of 12 steps; NLL ", Text(Assert.Single(Outputs(first, 1))), StringComparison.Ordinal);
        Assert.Equal("evaluation: ████████████████████ 4 of 4 batches", Text(Assert.Single(Outputs(first, 2))));
        Assert.Equal("generation: ████████████████████ 6 of 6 tokens", Text(Assert.Single(Outputs(first, 3))));
        var (_, second) = await RunAsync("b", Setup, Train, Evaluate, Generate);
        foreach (var cell in new[] { 1, 2, 3 })
            Assert.Equal(Outputs(first, cell).ToJsonString(), Outputs(second, cell).ToJsonString());
    }

    [Fact]
    public async Task What_a_failed_cell_leaves_says_so()
    {
        var (code, notebook) = await RunAsync("c", Setup, Fail);
        Assert.True(code == Verb.Failure, notebook.ToJsonString());
        Assert.Equal("rows: ███████░░░░░░░░░░░░░ 3 of 8; stopped, the cell failed with System.IO.InvalidDataException", Text(Outputs(notebook, 1)[0]));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static JsonArray Outputs(JsonNode notebook, int cell) => notebook["cells"]![cell]!["outputs"]!.AsArray();

    private static string Text(JsonNode? output) => string.Concat(output!["data"]!["text/plain"] is JsonArray lines ? lines.Select(line => (string)line!) : [(string)output["data"]!["text/plain"]!]);

    private async Task<(int Code, JsonNode Notebook)> RunAsync(string name, params string[] cells)
    {
        var (path, executed) = (Path.Combine(_folder, name + ".ipynb"), Path.Combine(_folder, name + ".out.ipynb"));
        File.WriteAllText(path, WrittenNotebook.Of(cells));
        var outcome = await CommandLine.RunAsync("notebook", "run", path, "--out", executed);
        Assert.True(File.Exists(executed), outcome.Error);
        return (outcome.Code, JsonNode.Parse(File.ReadAllText(executed))!);
    }
}
