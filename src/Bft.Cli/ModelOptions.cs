using System.CommandLine;
using Bft.Research.Models;
using Bft.Research.Tokenization;
using TorchSharp;

namespace Bft.Cli;

/// <summary>The options by which verbs name a model, and its loading.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _path = new("--model") { Description = "folder in Hugging Face layout, or a .gguf file beside its tokenizer.json", Required = true };
    private readonly Option<string> _dtype = new("--dtype") { Description = "precision of the model", DefaultValueFactory = _ => "bfloat16" };
    private readonly Option<string> _device = new("--device") { Description = "cpu, cuda or cuda:N", DefaultValueFactory = _ => "cpu" };

    public void AddTo(Command command)
    {
        _dtype.AcceptOnlyFromAmong("bfloat16", "float32", "float64");
        command.Add(_path);
        command.Add(_dtype);
        command.Add(_device);
    }

    public string Path(ParseResult result) => result.GetValue(_path)!;

    /// <summary>The folder that holds the tokenizer.</summary>
    /// <exception cref="InvalidDataException">There is no such folder or file.</exception>
    public string Folder(ParseResult result)
    {
        var path = System.IO.Path.GetFullPath(Path(result));
        if (Directory.Exists(path))
            return path;
        return File.Exists(path) ? System.IO.Path.GetDirectoryName(path)! : throw new InvalidDataException($"--model {path}: no such folder or file.");
    }

    public HfTokenizer Tokenizer(ParseResult result) => HfTokenizer.Load(Folder(result));

    public CausalLm Load(ParseResult result)
    {
        var dtype = result.GetValue(_dtype) switch
        {
            "float32" => torch.ScalarType.Float32,
            "float64" => torch.ScalarType.Float64,
            _ => torch.ScalarType.BFloat16,
        };
        var model = CausalLm.Load(Path(result), dtype, torch.device(result.GetValue(_device)!));
        foreach (var remark in model.LoadRemarks)
            Console.Error.WriteLine($"note: {remark}");
        return model;
    }
}
