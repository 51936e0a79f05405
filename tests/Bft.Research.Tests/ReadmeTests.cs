using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Objectives;
using Bft.Research.Tokenization;
using Bft.Research.Training;
using Bft.Tests;

namespace Bft.Research.Tests;

/// <summary>The C# sample of the readme is the code of this class.</summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("bft-readme-").FullName;

    [Fact]
    public void The_sample_trains_and_saves_an_adapter()
    {
        var rows = Path.Combine(_work, "rows.jsonl");
        File.WriteAllText(rows, """{"messages":[{"role":"user","content":"What does TP53 do?"},{"role":"assistant","content":"TP53 guards the genome."}]}""" + "\n");
        Train(Path.Combine(Checkout.Root, "notebooks", "mini", "model"), rows, Path.Combine(_work, "adapter"));
        Assert.True(File.Exists(Path.Combine(_work, "adapter", "adapter_model.safetensors")));
    }

    [Fact]
    public void The_readme_shows_the_code_that_is_tested()
    {
        var sample = Sample(File.ReadAllText(Path.Combine(Checkout.Root, "README.md")), "```csharp\n", "```");
        var source = File.ReadAllText(Path.Combine(Checkout.Root, "tests", "Bft.Research.Tests", "ReadmeTests.cs"));
        Assert.Equal(Tested(source), sample);
        Assert.NotEqual(Tested(source.Replace("Named(\"bft-v3\")", "Named(\"sft\")")), sample); // another sample is noticed
    }

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private static void Train(string folder, string data, string output)
    {
        // sample
        var tokenizer = HfTokenizer.Load(folder);
        var rows = RowSet.Read(data, tokenizer, ChatTemplate.Load(folder));

        var options = new TrainerOptions { Objective = Objective.Named("bft-v3"), LearningRate = 1e-4 };
        using var model = CausalLm.Load(folder, torch.ScalarType.Float32);
        using var trainer = new Trainer(model, options);
        trainer.Run(BatchPlan.Over(rows, options));
        trainer.Save(output);
        // end
    }

    private static string Tested(string source) =>
        string.Join('\n', Sample(source, "// sample\n", "        // end").Split('\n').Select(line => line.Length > 8 ? line[8..] : line));

    private static string Sample(string text, string begin, string end)
    {
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }
}
