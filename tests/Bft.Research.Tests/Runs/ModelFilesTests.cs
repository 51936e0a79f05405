using Bft.Research.Runs;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Training;
using Bft.Results;
using Bft.Tests;

namespace Bft.Research.Tests.Runs;

/// <summary>A model is known by the files of its weights, which are read once for the record of the run and for its resumption.</summary>
public sealed class ModelFilesTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public ModelFilesTests()
    {
        Directory.CreateDirectory(_folder["model"]);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Checkout.Root, "notebooks", "mini", "model")))
            File.Copy(file, Path.Combine(_folder["model"], Path.GetFileName(file)));
        File.WriteAllLines(_folder["rows.jsonl"], ["""{"instruction": "Which gene?", "output": "TP53."}""", """{"instruction": "Who?", "output": "MDM2."}"""]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Other_weights_are_refused_and_another_readme_is_not()
    {
        var options = RunFile.Parse($"model: {_folder["model"]}\ndata: {_folder["rows.jsonl"]}\noutput: {_folder["run"]}\nepochs: 2\naccumulation: 1\nlora_r: 2\ncompute.threads: 1\ndtype: float32", "run.yaml");
        using (var run = TrainingRun.Open(options))
        {
            run.StopAfter = 2;
            run.Run();
        }

        var manifest = RunManifest.Read(Path.Combine(_folder["run"], "run.json"));
        Assert.Equal(ContentIdentity.Of(_folder["model"], _folder["model"]), manifest.Model);
        File.WriteAllText(Path.Combine(_folder["model"], "README.md"), "Another text.");
        var weights = Path.Combine(_folder["model"], "model.safetensors");
        var bytes = File.ReadAllBytes(weights);
        bytes[^3] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Assert.StartsWith("weights of the model: expected ", Assert.Single(Assert.Throws<ResumeRefusedException>(() => Resume()).Differences));
        bytes[^3] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Assert.Equal(EndReason.Completed, Resume());
    }

    [Fact]
    public void A_folder_is_known_by_all_its_files_and_a_file_by_itself()
    {
        var weights = Path.Combine(_folder["model"], "model.safetensors");
        var before = ModelFiles.Of(_folder["model"]);
        Assert.Equal(ContentIdentity.Of("x", weights).Sha256, ContentIdentity.Files(_folder["model"]).Single(file => file.Name == "model.safetensors").Sha256);
        Assert.Equal(ContentIdentity.Of(weights, weights), ModelFiles.Of(weights).Identity);
        File.WriteAllText(Path.Combine(_folder["model"], "README.md"), "Another text.");
        Assert.NotEqual(before.Identity, ModelFiles.Of(_folder["model"]).Identity);
        Assert.Equal(before.Weights, ModelFiles.Of(_folder["model"]).Weights);
        File.AppendAllText(Path.Combine(_folder["model"], "config.json"), " ");
        Assert.NotEqual(before.Weights, ModelFiles.Of(_folder["model"]).Weights); // the wrong variant: weights alone, whose meaning the config decides
        Assert.Throws<FileNotFoundException>(() => ModelFiles.Of(_folder["none"]));
    }

    private EndReason Resume()
    {
        using var run = TrainingRun.Resume(_folder["run"]);
        return run.Run().Reason;
    }
}
