using Bft.Research.Devices;
using Bft.Research.Evaluation;
using Bft.Research.Experiments.Passages;
using Bft.Research.Models;
using Bft.Research.Tokenization;
using Bft.Research.Uncertainty;
using Bft.Research.World;

namespace Bft.Research.Experiments;

/// <summary>The uncertainty study (E1) at the scale of a profile: its model, its passages, its scores.</summary>
public sealed class UncertaintyExperiment : IDisposable
{
    private readonly ulong _seed;
    private readonly ExperimentFolders _folders;

    private UncertaintyExperiment(ExperimentProfile profile, ExperimentFolders folders, ulong seed)
    {
        (Profile, _folders, _seed, Device) = (profile, folders, seed, DeviceChoice.Pick(profile.Device));
        var path = folders.Resolve(profile.Model);
        Tokenizer = HfTokenizer.Load(profile.Tokenizer is null ? path : folders.Resolve(profile.Tokenizer));
        Model = CausalLm.Load(path, profile.ScalarType, Device.Device);
        Scorer = new(Model, Tokenizer, profile.Separator, profile.Uncertainty.MaxTokens, profile.Uncertainty.RowsPerBatch);
    }

    /// <summary>The profile.</summary>
    public ExperimentProfile Profile { get; }

    /// <summary>What the model is on.</summary>
    public DeviceChoice Device { get; }

    /// <summary>The model whose confidence is studied.</summary>
    public CausalLm Model { get; }

    /// <summary>Its tokenizer.</summary>
    public HfTokenizer Tokenizer { get; }

    /// <summary>Scores passages with the model.</summary>
    public PassageScorer Scorer { get; }

    /// <summary>Loads the model of a profile.</summary>
    /// <param name="profile">The scale.</param>
    /// <param name="folders">Where things are.</param>
    /// <param name="seed">Seed of generated passages.</param>
    /// <exception cref="InvalidDataException">The model is not there; the message says what to do.</exception>
    public static UncertaintyExperiment Open(ExperimentProfile profile, ExperimentFolders folders, ulong seed = 0) => new(profile, folders, seed);

    /// <summary>Sources of the profile that are neither in the data folder nor in the catalogue, so nobody can fetch them; the study goes without.</summary>
    public IReadOnlyList<string> LeftOut =>
        [.. Profile.Uncertainty.Passages.Keys.Where(source => !WorldPassages.Has(source) && !PassageSource.Named(source).IsObtainable(_folders.Data))];

    /// <summary>The passages of the profile: the user's own file or the reference table where it is there, else the profile's number from each source.</summary>
    /// <exception cref="FileNotFoundException">A source is not in the data folder; the message names the data set.</exception>
    /// <exception cref="InvalidDataException">The profile names neither sources nor a file that is there.</exception>
    public IReadOnlyList<TokenizedPassage> Passages()
    {
        if (_folders.Find(Profile.Uncertainty.ReferencePassages) is { } table)
            return table.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) ? [.. PassageLines.Read(table).Select(Scorer.Tokenize)] : PassageTable.Read(table, Tokenizer);
        if (Profile.Uncertainty.Passages.Count == 0)
            throw new InvalidDataException($"profile '{Profile.Name}': uncertainty.passages: expected sources, or uncertainty.reference_passages to name a file that is there; actual '{Profile.Uncertainty.ReferencePassages}'.");
        var world = new Lazy<WorldPassages>(() => new(MiniWorld.Load(_folders.Resolve("mini")), _seed));
        return
        [
            .. Profile.Uncertainty.Passages
                .Where(source => !LeftOut.Contains(source.Key))
                .SelectMany(source => WorldPassages.Has(source.Key)
                    ? world.Value.Take(source.Key, source.Value)
                    : PassageSource.Named(source.Key).Take(_folders.Data, source.Value))
                .Select(Scorer.Tokenize),
        ];
    }

    /// <summary>Thresholds, cut-offs and statistics of scored passages, with the profile's windows and resamples.</summary>
    public UncertaintyStudy Study(IReadOnlyList<ScoredPassage> scored) => new(scored, new()
    {
        Windows = Profile.Uncertainty.Windows,
        EntityWindow = Profile.Uncertainty.EntityWindow,
        Resamples = Profile.Uncertainty.Resamples,
    });

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
