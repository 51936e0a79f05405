using Bft.Research.Data;
using Bft.Research.Tokenization;

namespace Bft.Research.Experiments;

/// <summary>What is taught and what is asked afterwards.</summary>
/// <param name="Training">Rows that are trained on.</param>
/// <param name="Probes">Sets that are measured.</param>
/// <param name="GainName">Name of the probe that says what was learned.</param>
/// <param name="GeneralName">Name of the probe that says what was forgotten.</param>
public sealed record FineTuningMaterial(IReadOnlyList<TokenizedExample> Training, IReadOnlyList<ProbeSet> Probes, string GainName, string GeneralName)
{
    /// <summary>Name of the probe of general text.</summary>
    internal const string General = "general text";

    /// <summary>The probe of a name.</summary>
    /// <exception cref="ArgumentException">No probe has it; the message lists those there are.</exception>
    public ProbeSet Probe(string name) => Probes.FirstOrDefault(set => set.Name == name)
        ?? throw new ArgumentException($"No probe is called '{name}'. There are: {string.Join(", ", Probes.Select(set => set.Name))}.", nameof(name));

    /// <summary>The material of a profile.</summary>
    /// <param name="profile">The scale.</param>
    /// <param name="folders">Where things are.</param>
    /// <param name="tokenizer">Tokenizer of the model.</param>
    /// <param name="chat">Its chat template.</param>
    /// <param name="seed">Seed of generated rows.</param>
    /// <exception cref="InvalidDataException">Something is not there, or gives too few rows; the message says what.</exception>
    public static FineTuningMaterial Load(ExperimentProfile profile, ExperimentFolders folders, HfTokenizer tokenizer, IChatRenderer chat, ulong seed)
    {
        var text = new ExampleBuilder(tokenizer, options: new() { Cutoff = profile.FineTuning.Cutoff, TeachEnd = false });
        var rows = new ExampleBuilder(tokenizer, chat, new() { Cutoff = profile.FineTuning.Cutoff, Policies = RowPolicies.SkipUnusable });
        if (profile.FineTuning.Rows == FineTuningWorld.Name)
            return new FineTuningWorld(profile, World.MiniWorld.Load(folders.Resolve("mini")), tokenizer, seed).Build(rows, text);
        return profile.FineTuning.Rows.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase)
            ? new FineTuningFile(profile, folders, seed).Build(rows, text)
            : new FineTuningPubMed(profile, folders).Build(rows, text);
    }

    /// <summary>Running text after a separator, all of it measured.</summary>
    internal static ProbeSet GeneralText(IEnumerable<Uncertainty.Passage> passages, ExampleBuilder text, string separator) =>
        new(General, "what is lost elsewhere", [.. passages.Select(passage => text.FromPrompt(separator, passage.Text, passage.Id))], []);
}
