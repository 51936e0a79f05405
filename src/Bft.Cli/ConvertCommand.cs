using System.CommandLine;
using Bft.Research.Checkpoints;
using TorchSharp;

namespace Bft.Cli;

/// <summary><c>bft convert</c>: a GGUF file becomes a folder in Hugging Face layout.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var input = new Argument<string>("IN") { Description = "a .gguf file, or a folder that holds exactly one and no safetensors" };
        var output = new Argument<string>("OUT") { Description = "folder to make; must be absent or empty" };
        var dtype = TensorOptions.Dtype("stored type of the weights", "float32", "bfloat16", "float16");
        var command = new Command("convert", "Convert a GGUF file to config.json, safetensors and tokenizer files.") { input, output, dtype };
        return command.Does((result, cancellation) => Run(result.GetValue(input)!, result.GetValue(output)!, result.ScalarType(dtype), cancellation));
    }

    private static int Run(string input, string output, torch.ScalarType dtype, CancellationToken cancellation)
    {
        var gguf = WeightSource.FindGguf(input) ?? throw new CheckpointException(input, "model", "a .gguf file", "safetensors: already in Hugging Face layout");
        GgufConversion.Convert(gguf, output, dtype, cancellation);
        Console.WriteLine($"{Path.GetFileName(gguf)} -> {output} ({dtype})");
        return Verb.Success;
    }
}
