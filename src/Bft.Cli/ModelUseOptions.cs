using System.CommandLine;
using System.Text.Json.Serialization;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Runs;
using Bft.Research.Tokenization;
using static Bft.Cli.RunFileOption;

namespace Bft.Cli;

/// <summary>What a verb that uses a model is told about it, and its loading.</summary>
internal abstract record ModelUseOptions : IRunFileOptions
{
    /// <summary>Folder in Hugging Face layout, or a GGUF file beside its tokenizer.json.</summary>
    public string Model { get; init; } = "";

    /// <summary>PEFT folder; null for the model alone.</summary>
    public string? Adapter { get; init; }

    /// <summary>Device, dtype of the model, threads.</summary>
    [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)] // what a file leaves out keeps the default given here
    public DeviceOptions Compute { get; init; } = new() { Dtype = "bfloat16" };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Model.Length == 0)
            problems.Add($"{nameof(Model)}: expected a folder or a .gguf file, actual nothing");
        problems.AddRange(Compute.Validate().Select(problem => $"{nameof(Compute)}.{problem}"));
        AddProblems(problems);
        return problems;
    }

    /// <summary>Short names of these options for a command line; options belong to one command, so each gets its own.</summary>
    public static IReadOnlyList<(string Name, Option Option)> Named() =>
    [
        ("model", Text("--model", "folder in Hugging Face layout, or a .gguf file beside its tokenizer.json")),
        ("adapter", Text("--adapter", "PEFT folder")),
        ("compute.dtype", Text("--dtype", "precision of the model: bfloat16 (default), float32, float64, or auto (by the device)")),
        ("compute.device", Text("--device", "auto (default: a card if there is one), cpu, cuda or cuda:N")),
        ("compute.threads", Text("--threads", "threads of the processor; without it cores and what the system grants decide")),
    ];

    /// <summary>Loads tokenizer, model and adapter.</summary>
    /// <exception cref="InvalidDataException">There is no such folder or file.</exception>
    public OpenModel Open()
    {
        var folder = ModelFolder.Of(Model);
        var tokenizer = HfTokenizer.Load(folder);
        var setup = DeviceSetup.Apply(Compute);
        Console.Error.WriteLine($"on {setup}");
        var model = CausalLm.Load(Model, setup.Precision.Dtype, setup.Device.Device);
        try
        {
            var adapter = Adapter is null ? null : LoraAdapter.Load(model, Adapter);
            foreach (var remark in model.LoadRemarks.Concat(adapter?.LoadRemarks ?? []))
                Console.Error.WriteLine($"note: {remark}");
            return new(folder, model, adapter, tokenizer);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Adds what is wrong with the options of the verb itself.</summary>
    protected abstract void AddProblems(List<string> problems);
}
