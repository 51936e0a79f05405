using System.Text.Json;
using System.Text.Json.Serialization;
using Bft.Research.Data;

namespace Bft.Research.Experiments;

/// <summary>The scale of an experiment: which model, which text, how much of it. A notebook changes its scale by changing one word.</summary>
/// <remarks>Read from <c>notebooks/profiles/NAME.json</c>. Every key must be known and every required key there, so that a profile says what it does.</remarks>
public sealed record ExperimentProfile
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Name: <c>mini</c>, <c>laptop</c>, <c>gpu</c> or <c>paper</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it needs and what it stands for, in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>Where the model is: see <see cref="ExperimentFolders.Resolve"/>.</summary>
    public required string Model { get; init; }

    /// <summary>Folder of the tokenizer, where it is not beside the model's weights.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Working precision: <c>float32</c> or <c>bfloat16</c>.</summary>
    public required string Dtype { get; init; }

    /// <summary><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Token that separates documents; put before every text that is scored.</summary>
    public string Separator { get; init; } = "<|endoftext|>";

    /// <summary>Scale of the uncertainty study.</summary>
    public required UncertaintyScale Uncertainty { get; init; }

    /// <summary>Scale of the comparison of objectives.</summary>
    public required FineTuningScale FineTuning { get; init; }

    /// <summary>Reads a profile by name or path.</summary>
    /// <param name="name">Name of a file in <c>profiles/</c> of the notebooks' folder without its ending, or the path of a <c>.json</c> file anywhere.</param>
    /// <param name="folders">Where notebooks are.</param>
    /// <exception cref="InvalidDataException">No such profile, or the file is wrong; the message names the file, the field, and the profiles there are.</exception>
    public static ExperimentProfile Read(string name, ExperimentFolders folders)
    {
        var profiles = Path.Combine(folders.Notebooks, "profiles");
        var path = name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? Path.GetFullPath(name) : Path.Combine(profiles, $"{name}.json");
        if (!File.Exists(path))
            throw new InvalidDataException(
                $"{path}: no such profile. There are: {string.Join(", ", Directory.EnumerateFiles(profiles, "*.json").Select(Path.GetFileNameWithoutExtension).Order())}.");
        try
        {
            return JsonSerializer.Deserialize<ExperimentProfile>(File.ReadAllText(path), s_json) ?? throw new InvalidDataException($"{path}: empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}:{e.LineNumber + 1}: {OptionNames.Explain(e, typeof(ExperimentProfile), s_json)}", e);
        }
    }

    /// <summary>The working precision as a type.</summary>
    /// <exception cref="InvalidDataException">The name is none of those supported.</exception>
    [JsonIgnore]
    public torch.ScalarType ScalarType => TypeOf("dtype", Dtype);

    /// <summary>The working precision of fine-tuning as a type.</summary>
    /// <exception cref="InvalidDataException">The name is none of those supported.</exception>
    [JsonIgnore]
    public torch.ScalarType FineTuningScalarType => FineTuning.Dtype is { } own ? TypeOf("fine_tuning.dtype", own) : ScalarType;

    private torch.ScalarType TypeOf(string field, string dtype) => dtype switch
    {
        "float32" => torch.ScalarType.Float32,
        "bfloat16" => torch.ScalarType.BFloat16,
        "float64" => torch.ScalarType.Float64,
        _ => throw new InvalidDataException($"profile {Name}: {field}: expected float32, bfloat16 or float64, actual '{dtype}'."),
    };
}

/// <summary>Scale of the uncertainty study.</summary>
public sealed record UncertaintyScale
{
    /// <summary>Passages by source; the sources <c>everyday</c> and <c>world</c> are generated, the others read from the data folder. Not needed beside <see cref="ReferencePassages"/>.</summary>
    public IReadOnlyDictionary<string, int> Passages { get; init; } = new Dictionary<string, int>();

    /// <summary>
    /// Passages that are used instead where the file exists: JSON Lines of one's own (<c>text</c>, <c>domain</c>; optionally <c>id</c>, <c>source</c>, <c>entities</c>),
    /// or the table of reference passages beside the data folder, so that results can be compared value by value.
    /// </summary>
    public string? ReferencePassages { get; init; }

    /// <summary>Longest passage in tokens.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Rows that go through the model together.</summary>
    public int RowsPerBatch { get; init; } = 8;

    /// <summary>Window lengths g in tokens; the first is the paper's.</summary>
    public IReadOnlyList<int> Windows { get; init; } = [256, 64];

    /// <summary>Window length of the groups whose entities are counted.</summary>
    public int EntityWindow { get; init; } = 64;

    /// <summary>Bootstrap resamples.</summary>
    public int Resamples { get; init; } = 2000;
}

/// <summary>Scale of the comparison of objectives.</summary>
public sealed record FineTuningScale
{
    /// <summary>Objectives by name, as <c>bft train --objective</c> takes them.</summary>
    public required IReadOnlyList<string> Objectives { get; init; }

    /// <summary>Seeds; each gives every objective the same rows in the same order from the same start.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>
    /// Where rows come from: <c>world</c>; or a file (see <see cref="ExperimentFolders.Resolve"/>): JSON Lines of one's own in alpaca, sharegpt or messages form, or PubMedQA.
    /// </summary>
    public required string Rows { get; init; }

    /// <summary>Rows of <c>world</c> that teach the same fact, each in another phrasing.</summary>
    public int RowsPerFact { get; init; } = 4;

    /// <summary>Rows that are trained on.</summary>
    public required int TrainingRows { get; init; }

    /// <summary>Rows of every probe but the one of general text.</summary>
    public required int HeldOutRows { get; init; }

    /// <summary>General passages for forgetting.</summary>
    public required int GeneralRows { get; init; }

    /// <summary>Longest row in tokens.</summary>
    public int Cutoff { get; init; } = 256;

    /// <summary>Window of BFT in tokens.</summary>
    public int Window { get; init; } = 256;

    /// <summary>Optimiser steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Rows of a micro-batch.</summary>
    public int RowsPerMicroBatch { get; init; } = 8;

    /// <summary>Micro-batches of a step.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Peak learning rate, one for all objectives.</summary>
    public required double LearningRate { get; init; }

    /// <summary>LoRA rank; 0 trains all parameters.</summary>
    public int LoraRank { get; init; } = 16;

    /// <summary>Steps between evaluations; 0 evaluates at the end only.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Working precision of fine-tuning where it differs from <see cref="ExperimentProfile.Dtype"/>.</summary>
    public string? Dtype { get; init; }

    /// <summary>Threads of a tensor operation; null leaves the default. One is best for tiny models, whose operations are too short to share.</summary>
    public int? Threads { get; init; }

    /// <summary>Confidence before training below which a token counts as low.</summary>
    public double LowThreshold { get; init; } = 0.1;

    /// <summary>Bootstrap resamples.</summary>
    public int Resamples { get; init; } = 1000;
}
