using System.Text.Json;

namespace Bft.Research.Experiments.Passages;

/// <summary>Text of question sets: the abstracts behind PubMedQA, the vignettes of MedQA.</summary>
internal static class QuestionText
{
    /// <summary>The context paragraphs of every PubMedQA item, joined by a blank.</summary>
    public static IEnumerable<SourceText> PubMedQa(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        foreach (var item in document.RootElement.EnumerateObject())
        {
            if (!item.Value.TryGetProperty("CONTEXTS", out var contexts) || contexts.ValueKind != JsonValueKind.Array)
                throw new InvalidDataException($"{path}: item {item.Name}: field 'CONTEXTS': expected a list of strings.");
            yield return new(item.Name, string.Join(' ', contexts.EnumerateArray().Select(context => context.GetString())));
        }
    }

    /// <summary>The question of every line of MedQA.</summary>
    public static IEnumerable<SourceText> MedQa(string path) =>
        File.ReadLines(path).Select((line, i) => new SourceText($"{i:0000}", JsonLine.Parse(path, i + 1, line).Text("question")));
}
