using System.CommandLine;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Models.Generation;
using Bft.Research.Runs;
using Bft.Research.Tokenization;

namespace Bft.Cli;

/// <summary>The options by which verbs name a model, and its loading.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _path = new("--model") { Description = "folder in Hugging Face layout, or a .gguf file beside its tokenizer.json", Required = true };
    private readonly Option<string?> _adapter = new("--adapter") { Description = "PEFT folder" };
    private readonly Option<string> _dtype = TensorOptions.Dtype("precision of the model", "bfloat16", "float32", "float64", PrecisionChoice.Auto);
    private readonly Option<string> _device = TensorOptions.Device();
    private readonly Option<int?> _threads = new("--threads") { Description = "threads of the processor; without it cores and what the system grants decide" };

    public void AddTo(Command command)
    {
        command.Add(_path);
        command.Add(_adapter);
        command.Add(_dtype);
        command.Add(_device);
        command.Add(_threads);
    }

    public string Path(ParseResult result) => result.GetValue(_path)!;

    public string? Adapter(ParseResult result) => result.GetValue(_adapter);

    /// <summary>Loads tokenizer, model and adapter.</summary>
    /// <exception cref="InvalidDataException">There is no such folder or file.</exception>
    public OpenModel Open(ParseResult result)
    {
        var folder = ModelFolder.Of(Path(result));
        var tokenizer = HfTokenizer.Load(folder);
        var setup = DeviceSetup.Apply(new() { Device = result.GetValue(_device)!, Dtype = result.GetValue(_dtype)!, Threads = result.GetValue(_threads) });
        Console.Error.WriteLine($"on {setup}");
        var model = CausalLm.Load(Path(result), setup.Precision.Dtype, setup.Device.Device);
        try
        {
            var adapter = Adapter(result) is { } peft ? LoraAdapter.Load(model, peft) : null;
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
}

/// <summary>A model that is ready to use, with what belongs to it.</summary>
/// <param name="Folder">Where its tokenizer and template are.</param>
/// <param name="Model">The model.</param>
/// <param name="Adapter">The adapter it carries, or null.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
internal sealed record OpenModel(string Folder, CausalLm Model, LoraAdapter? Adapter, HfTokenizer Tokenizer) : IDisposable
{
    public IReadOnlyList<long> Ends => EndTokens.Of(Folder, Model.Config, Tokenizer);

    public ChatTemplate Template() => ChatTemplate.Load(Folder);

    public void Dispose()
    {
        Adapter?.Dispose();
        Model.Dispose();
    }
}
