using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Research.Checkpoints;

/// <summary><c>generation_config.json</c> of a model that came with none, as Transformers derives it from a configuration.</summary>
internal static class GenerationFile
{
    /// <summary>Name of the file.</summary>
    public const string Name = "generation_config.json";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Writes it, unless the folder has one.</summary>
    /// <param name="folder">Folder of the model.</param>
    /// <param name="config">The object of config.json; its ids for begin, end and padding are taken over.</param>
    public static void WriteIfAbsent(string folder, JsonNode config)
    {
        var path = Path.Combine(folder, Name);
        if (File.Exists(path))
            return;
        var json = new JsonObject { ["_from_model_config"] = true };
        foreach (var name in (ReadOnlySpan<string>)["bos_token_id", "eos_token_id", "pad_token_id"])
            if (config[name] is { } id)
                json[name] = id.DeepClone();
        File.WriteAllText(path, json.ToJsonString(s_indented) + "\n");
    }
}
