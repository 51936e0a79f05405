namespace Bft.Research.Runs;

/// <summary>Where the files beside a model's weights are.</summary>
public static class ModelFolder
{
    /// <summary>The model's own folder, or that of its GGUF file.</summary>
    /// <param name="model">A folder or a GGUF file.</param>
    /// <exception cref="InvalidDataException">There is no such folder or file.</exception>
    public static string Of(string model)
    {
        var path = Path.GetFullPath(model);
        if (Directory.Exists(path))
            return path;
        return File.Exists(path) ? Path.GetDirectoryName(path)! : throw new InvalidDataException($"model {path}: no such folder or file.");
    }
}
