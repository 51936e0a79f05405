namespace Bft.Research.Checkpoints;

/// <summary>Opens the weights of a model wherever they are.</summary>
public static class WeightSource
{
    /// <summary>A <c>.gguf</c> file; a folder with safetensors; else a folder with exactly one <c>.gguf</c> file.</summary>
    /// <exception cref="CheckpointException">None of these, or not valid.</exception>
    public static IWeightSource Open(string path) =>
        FindGguf(path) is { } gguf ? GgufWeights.Open(gguf) : SafetensorsWeights.Open(path);

    /// <summary>The GGUF file that <paramref name="path"/> is or, for want of safetensors, holds; null when there is none.</summary>
    /// <exception cref="CheckpointException">The folder holds several and nothing says which one.</exception>
    public static string? FindGguf(string path)
    {
        if (File.Exists(path))
            return path;
        if (!Directory.Exists(path))
            throw new CheckpointException(path, "model", "a folder or a .gguf file", "nothing");
        if (File.Exists(Path.Combine(path, SafetensorsWeights.SingleFile)) || File.Exists(Path.Combine(path, SafetensorsIndex.FileName)))
            return null;
        var files = Directory.GetFiles(path, "*.gguf");
        return files.Length <= 1
            ? files.FirstOrDefault()
            : throw new CheckpointException(path, "model", "one .gguf file", string.Join(", ", files.Select(Path.GetFileName).Order(StringComparer.Ordinal)));
    }
}
