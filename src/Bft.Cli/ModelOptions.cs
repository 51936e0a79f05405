using System.CommandLine;
using Bft.Research.Models;
using Bft.Research.Tokenization;

namespace Bft.Cli;

/// <summary>The options by which verbs name a model, and its loading.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _path = new("--model") { Description = "folder in Hugging Face layout, or a .gguf file beside its tokenizer.json", Required = true };
    private readonly Option<string> _dtype = TensorOptions.Dtype("precision of the model", "bfloat16", "float32", "float64");
    private readonly Option<string> _device = TensorOptions.Device();

    public void AddTo(Command command)
    {
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
        var model = CausalLm.Load(Path(result), result.ScalarType(_dtype), result.Device(_device));
        foreach (var remark in model.LoadRemarks)
            Console.Error.WriteLine($"note: {remark}");
        return model;
    }
}
