using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bft.Research.Checkpoints;

namespace Bft.Research.Training;

/// <summary><c>checkpoint.json</c>: everything of a checkpoint that is no tensor. Written last, so it vouches for the other files.</summary>
internal sealed record CheckpointRecord
{
    public const string FileName = "checkpoint.json";
    public const string CurrentFormat = "bft-checkpoint-1";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Name and version of the format.</summary>
    public required string Format { get; init; }

    /// <summary>Where the run stands.</summary>
    public required TrainingState State { get; init; }

    /// <summary>Updates of the optimiser, which bias correction counts; skipped steps are not among them.</summary>
    public required int OptimizerSteps { get; init; }

    /// <summary>What the run depends on.</summary>
    public required RunDigest Digest { get; init; }

    /// <summary>Digest of the rows of the last step of the plan that is behind; null before the first.</summary>
    public required string? LastRows { get; init; }

    /// <summary>Where it ran. A difference is no reason to refuse, but results may then differ in their last bits.</summary>
    public required SortedDictionary<string, string> Surroundings { get; init; }

    /// <summary>SHA-256 of the other files of the folder.</summary>
    public required SortedDictionary<string, string> Files { get; init; }

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="CheckpointException">It is absent or not what it has to be.</exception>
    public static CheckpointRecord Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var record = JsonSerializer.Deserialize<CheckpointRecord>(File.ReadAllText(path), s_json) ?? throw new CheckpointException(path, "$", "an object", "null");
            return record.Format == CurrentFormat ? record : throw new CheckpointException(path, "format", CurrentFormat, record.Format);
        }
        catch (JsonException e)
        {
            throw new CheckpointException(path, e.Path ?? "$", "a checkpoint record", e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, "file", "a readable file", e.Message, e);
        }
    }

    /// <summary>Writes the file of a folder, in one step.</summary>
    public void Write(string folder) =>
        AtomicOutput.WriteFile(Path.Combine(folder, FileName), stream => stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, s_json) + "\n")));
}
