using Bft.Results;

namespace Bft.Research.Runs;

/// <summary>The files of a model by content, each read once: for <c>run.json</c>, and for what a resumption compares.</summary>
internal sealed record ModelFiles
{
    private static readonly string[] s_weights = [".safetensors", ".gguf"];
    private static readonly string[] s_shape = ["config.json", "model.safetensors.index.json"];

    /// <summary>All files, as <c>run.json</c> names them.</summary>
    public required ContentIdentity Identity { get; init; }

    /// <summary>SHA-256 over what the weights depend on: their files, index and config. A README or another tokenizer is no other model.</summary>
    public required string Weights { get; init; }

    /// <summary>Reads every byte of a model.</summary>
    /// <param name="model">Folder or file.</param>
    public static ModelFiles Of(string model)
    {
        var files = ContentIdentity.Files(model);
        return new()
        {
            Identity = ContentIdentity.Of(model, files, File.Exists(model)),
            Weights = ContentIdentity.Of(model, [.. files.Where(file => s_weights.Contains(Path.GetExtension(file.Name)) || s_shape.Contains(file.Name))], isFile: false).Sha256,
        };
    }
}
