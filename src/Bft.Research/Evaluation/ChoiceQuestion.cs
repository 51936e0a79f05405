using System.Text;
using System.Text.Json;
using Bft.Research.Data;
using Bft.Research.Tokenization;

namespace Bft.Research.Evaluation;

/// <summary>How a question is put.</summary>
public enum ChoiceForm
{
    /// <summary>The question alone; the model scores each choice as the answer.</summary>
    Text,

    /// <summary>The question with its choices under letters; the model scores the letters.</summary>
    Letters,
}

/// <summary>A multiple-choice question in words.</summary>
/// <param name="Text">The question.</param>
/// <param name="Choices">At least two.</param>
/// <param name="Answer">Index of the right one.</param>
/// <param name="Name">Where it came from: file and line.</param>
public sealed record ChoiceQuestion(string Text, IReadOnlyList<string> Choices, int Answer, string Name)
{
    /// <summary>Reads questions from JSON Lines or a JSON array.</summary>
    /// <param name="file">Objects with <c>question</c> (or <c>prompt</c>); <c>choices</c> (or <c>options</c>) as a list, or as an object with letters as names; and <c>answer_idx</c> (or <c>answer</c>, <c>label</c>) as a letter, a number from 0, or the text of the choice.</param>
    /// <param name="limit">Most questions, from the start of the file; null for all.</param>
    /// <exception cref="DataFileException">A field is missing or not what it should be.</exception>
    public static IReadOnlyList<ChoiceQuestion> Read(string file, int? limit = null)
    {
        if (!File.Exists(file))
            throw new InvalidDataException($"{file}: no such file.");
        return [.. JsonRows.Read(file).Take(limit ?? int.MaxValue).Select(row => row.Problem is { } problem ? throw problem : Parse(new(row.Name, "", row.Value)))];
    }

    /// <summary>The question in tokens of a model.</summary>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="chat">Its chat template; null puts the question as it stands, with a blank before each choice.</param>
    /// <param name="form">How it is put.</param>
    public ChoiceItem Tokenize(HfTokenizer tokenizer, IChatRenderer? chat, ChoiceForm form)
    {
        string[] answers = form == ChoiceForm.Letters ? [.. Choices.Select((_, i) => Letter(i))] : [.. Choices];
        var asked = form == ChoiceForm.Text ? Text : string.Join('\n', Choices.Select((choice, i) => $"{Letter(i)}. {choice}").Prepend(Text));
        var context = chat is null
            ? tokenizer.Encode(form == ChoiceForm.Letters ? asked + "\nAnswer:" : asked).Ids
            : tokenizer.Encode(chat.Render([new("user", asked)], addGenerationPrompt: true).Text, addSpecialTokens: false).Ids;
        return new(
            Longs(context),
            [.. answers.Select(answer => Longs(tokenizer.Encode(chat is null ? " " + answer : answer, addSpecialTokens: false).Ids))],
            [.. answers.Select(Encoding.UTF8.GetByteCount)],
            [.. answers.Select(answer => answer.Length)]);
    }

    private static IReadOnlyList<long> Longs(int[] ids) => [.. ids.Select(id => (long)id)];

    private static string Letter(int index) => ((char)('A' + index)).ToString();

    private static ChoiceQuestion Parse(DataNode row)
    {
        var text = First(row, "question", "prompt").Text();
        var (choices, names) = Choose(First(row, "choices", "options"));
        var answer = First(row, "answer_idx", "answer", "label");
        var index = answer.Value.ValueKind == JsonValueKind.Number
            ? (answer.Value.TryGetInt32(out var number) ? number : -1)
            : Index(answer.Text(), names, choices);
        return index >= 0 && index < choices.Count
            ? new(text, choices, index, row.Row)
            : throw new DataFileException(DataProblem.WrongType, row.Row, answer.Field, $"a choice: a number below {choices.Count}, {string.Join(", ", names)} or its text", answer.Value.ToString());
    }

    private static int Index(string answer, List<string> names, List<string> choices) => names.IndexOf(answer) is >= 0 and var named ? named : choices.IndexOf(answer);

    private static (List<string> Choices, List<string> Names) Choose(DataNode node)
    {
        List<string> choices, names;
        if (node.Value.ValueKind == JsonValueKind.Object)
        {
            names = [.. node.Value.EnumerateObject().Select(member => member.Name)];
            choices = [.. names.Select(name => node.Required(name).Text())];
        }
        else
        {
            choices = [.. node.Items().Select(item => item.Text())];
            names = [.. choices.Select((_, i) => Letter(i))];
        }

        if (choices.Count is < 2 or > 26)
            throw new DataFileException(DataProblem.MissingField, node.Row, node.Field, "2 to 26 choices", $"{choices.Count}");
        return choices.FindIndex(string.IsNullOrWhiteSpace) is >= 0 and var empty
            ? throw new DataFileException(DataProblem.EmptyText, node.Row, $"{node.Field}[{empty}]", "a choice", "white space")
            : (choices, names);
    }

    private static DataNode First(DataNode row, params string[] names) => row.Required(names.FirstOrDefault(row.Has) ?? names[0]);
}
