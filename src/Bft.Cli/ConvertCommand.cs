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
        var dtype = new Option<string>("--dtype") { Description = "stored type of the weights", DefaultValueFactory = _ => "float32" };
        dtype.AcceptOnlyFromAmong("float32", "bfloat16", "float16");
        var command = new Command("convert", "Convert a GGUF file to config.json, safetensors and tokenizer files.") { input, output, dtype };
        command.SetAction((result, cancellation) => Task.FromResult(Run(result.GetValue(input)!, result.GetValue(output)!, result.GetValue(dtype)!, cancellation)));
        return command;
    }

    private static int Run(string input, string output, string dtype, CancellationToken cancellation)
    {
        try
        {
            var gguf = WeightSource.FindGguf(input) ?? throw new CheckpointException(input, "model", "a .gguf file", "safetensors: already in Hugging Face layout");
            GgufConversion.Convert(gguf, output, Scalar(dtype), cancellation);
            Console.WriteLine($"{Path.GetFileName(gguf)} -> {output} ({dtype})");
            return 0;
        }
        catch (Exception e) when (e is CheckpointException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static torch.ScalarType Scalar(string dtype) => dtype switch
    {
        "bfloat16" => torch.ScalarType.BFloat16,
        "float16" => torch.ScalarType.Float16,
        _ => torch.ScalarType.Float32,
    };
}
