using System.Text.Json;
using System.Text.Json.Serialization;
using Bft.Research.Data;

namespace Bft.Research.Training;

/// <summary>Trainer options as JSON: what <c>bft train --config</c> reads and every run writes beside its log.</summary>
public static class TrainerOptionsFile
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Reads options; fields that are absent keep their defaults, unknown fields are an error.</summary>
    /// <param name="path">A JSON file.</param>
    /// <exception cref="InvalidDataException">The file is not what it should be; names file, line and field. Values are not checked here: see <see cref="TrainerOptions.Validate"/>.</exception>
    public static TrainerOptions Read(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"{path}: no such file.");
        try
        {
            return JsonSerializer.Deserialize<TrainerOptions>(File.ReadAllText(path), s_json) ?? throw new InvalidDataException($"{path}:1: expected a JSON object, actual null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}:{e.LineNumber + 1}: {OptionNames.Explain(e, typeof(TrainerOptions), s_json)}", e);
        }
    }

    /// <summary>The options as a JSON object, all fields written out.</summary>
    public static string Write(TrainerOptions options) => JsonSerializer.Serialize(options, s_json);
}
