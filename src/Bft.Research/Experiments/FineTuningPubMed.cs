using System.Text.Json;
using Bft.Research.Data;
using Bft.Research.Experiments.Passages;
using Bft.Research.Tokenization;

namespace Bft.Research.Experiments;

/// <summary>Teaches the long answers of PubMedQA, each followed by the last paragraph of its abstract, cut to the length of a row.</summary>
internal sealed class FineTuningPubMed(ExperimentProfile profile, ExperimentFolders folders)
{
    private static readonly string[] s_general = ["wiki", "c4", "en_ewt"];

    public FineTuningMaterial Build(ExampleBuilder rows, ExampleBuilder text)
    {
        var scale = profile.FineTuning;
        var path = folders.Resolve(scale.Rows);
        var items = Items(path);
        List<TokenizedExample> Rows(IEnumerable<(string Name, string Question, string Answer)> from, Func<string, string> prompt, int count) =>
            [.. rows.FromConversations(from.Select(item => Talk(prompt(item.Question), item.Answer, item.Name))).Take(count)];

        var training = Rows(items, question => question, scale.TrainingRows);
        var trained = training.Select(row => row.Name).ToHashSet();
        var unseen = Rows(items.SkipWhile(item => item.Name != training[^1].Name).Skip(1), question => question, scale.HeldOutRows);
        var again = Rows(items.Where(item => trained.Contains(item.Name)), Reworded, scale.HeldOutRows);
        if (training.Count < scale.TrainingRows || unseen.Count < scale.HeldOutRows)
            throw new InvalidDataException($"{path}: expected {scale.TrainingRows} rows to train on and {scale.HeldOutRows} more, actual {training.Count} and {unseen.Count}.");
        const string Gain = "trained, other prompt";
        var general = s_general.SelectMany(source => PassageSource.Named(source).Take(folders.Data, scale.GeneralRows / s_general.Length));
        return new(
            training,
            [
                new(Gain, "whether the answers are learned", again, []),
                new("unseen answers", "whether it carries over to other answers", unseen, []),
                FineTuningMaterial.GeneralText(general, text, profile.Separator),
            ],
            Gain,
            FineTuningMaterial.General);
    }

    private static string Reworded(string question) => $"Tell me what is known about this. {question}";

    private static Conversation Talk(string prompt, string answer, string name) => new([new("user", prompt), new(ChatMessage.Assistant, answer)], name);

    private static List<(string Name, string Question, string Answer)> Items(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return [.. document.RootElement.EnumerateObject().Select(item => (item.Name, Text(item, "QUESTION"), $"{Text(item, "LONG_ANSWER")} {LastContext(item)}"))];

        string Text(JsonProperty item, string field) => item.Value.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new InvalidDataException($"{path}: item {item.Name}: field '{field}': expected text.");

        string LastContext(JsonProperty item) =>
            item.Value.TryGetProperty("CONTEXTS", out var contexts) && contexts.ValueKind == JsonValueKind.Array && contexts.GetArrayLength() > 0
                ? contexts[contexts.GetArrayLength() - 1].GetString()!
                : throw new InvalidDataException($"{path}: item {item.Name}: field 'CONTEXTS': expected a list of texts.");
    }
}
