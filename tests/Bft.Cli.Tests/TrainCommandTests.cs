using System.Text.Json;
using Bft.Research.Training;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary><c>bft train</c> and <c>bft generate</c> on the mini model of this repository.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private static readonly string s_model = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-train-").FullName;

    private string Output => Path.Combine(_folder, "run");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_adapter_is_trained_logged_and_used_and_the_run_repeats_byte_by_byte()
    {
        var data = Rows("""{"instruction": "Which gene?", "output": "TP53."}""", """{"instruction": "Which drug?", "input": "For pain.", "output": "Aspirin, daily."}""");
        Assert.Equal(0, await Run(Train(data, Output, "--held-out", data)));
        var log = File.ReadAllLines(Path.Combine(Output, "log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["device", "step", "step", "evaluation"], log.Select(line => line.GetProperty("kind").GetString()));
        Assert.All(log[1..], line => Assert.True(line.GetProperty("meanNll").GetDouble() > 0));

        // The options that a run writes make the same run again.
        var again = Path.Combine(_folder, "again");
        Assert.Equal(0, await Run("train", Path.Combine(Output, "options.json"), "--output", again));
        var name = Path.Combine("adapter", "adapter_model.safetensors");
        Assert.Equal(File.ReadAllBytes(Path.Combine(Output, name)), File.ReadAllBytes(Path.Combine(again, name)));
        var other = Path.Combine(_folder, "other");
        Assert.Equal(0, await Run(Train(data, other, "--seed", "43")));
        Assert.NotEqual(File.ReadAllBytes(Path.Combine(Output, name)), File.ReadAllBytes(Path.Combine(other, name)));

        Assert.Equal(0, await Run("generate", "--model", s_model, "--dtype", "float32", "--adapter", Path.Combine(Output, "adapter"), "--prompt", "TP53", "--max-new-tokens", "3"));
    }

    [Fact]
    public async Task Intervals_and_event_files_are_written_when_they_are_asked_for()
    {
        var data = Rows("""{"instruction": "Which gene?", "output": "TP53."}""");
        Assert.Equal(0, await Run(Train(data, Output, "--log-every", "3", "--tensorboard")));
        var steps = TrainingLog.Read(Path.Combine(Output, "log.jsonl")).Steps;
        Assert.Equal((2, 2), (Assert.Single(steps).Step, steps[0].Steps)); // both steps together; the wrong variant reports the last alone
        Assert.InRange(steps[0].Mfu!.Value, 1e-9, 1);
        Assert.Single(Directory.GetFiles(Path.Combine(Output, "tensorboard"), "events.out.tfevents.*"));
        (await CommandLine.RunAsync(Train(data, Path.Combine(_folder, "other"), "--log-every", "0"))).IsOneClearError("LogEvery", "above 0");
    }

    [Fact]
    public async Task A_full_model_is_written_so_that_it_can_be_used_at_once()
    {
        var data = Rows("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b c"}]}""");
        Assert.Equal(0, await Run(Train(data, Output, "--full", "--objective", "sft")));
        Assert.Equal(0, await Run("generate", "--model", Path.Combine(Output, "model"), "--dtype", "float32", "--prompt", "a", "--max-new-tokens", "2"));
        Assert.Equal(2, await Run(Train(data, Output))); // never over an earlier run
    }

    [Theory]
    [InlineData("""{"instruction": "a"}""", "rows.jsonl:1: output:")]
    [InlineData("""{"instruction": "a", "output": 3}""", "rows.jsonl:1: output:")]
    [InlineData("""not json""", "rows.jsonl:1:")]
    [InlineData("""{"instruction": "a", "output": "b"}""", "LearningRate", "--lr", "0")]
    [InlineData("""{"instruction": "a", "output": "b"}""", "no such folder or file", "--model", "/nowhere")]
    [InlineData("""{"instruction": "a", "output": "b"}""", "query_proj", "--lora-targets", "query_proj")]
    public async Task Wrong_input_names_what_is_wrong_and_leaves_nothing(string row, string message, params string[] more)
    {
        (await CommandLine.RunAsync(Train(Rows(row), Output, more))).IsOneClearError(message);
        Assert.False(Directory.Exists(Output));
    }

    private string Rows(params string[] lines)
    {
        var path = Path.Combine(_folder, "rows.jsonl");
        File.WriteAllLines(path, lines);
        return path;
    }

    /// <summary>Two steps with the plain form, unless <paramref name="more"/> says otherwise.</summary>
    private static string[] Train(string data, string output, params string[] more)
    {
        string[] model = more.Contains("--model") ? [] : ["--model", s_model];
        return ["train", .. model, "--dtype", "float32", "--data", data, "--output", output, "--plain", "--max-steps", "2", "--accumulation", "2", "--warmup-ratio", "0", .. more];
    }

    private static async Task<int> Run(params string[] args) => (await CommandLine.RunAsync(args)).Code;
}
