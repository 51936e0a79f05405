using Bft.Research.Data;
using Bft.Research.Evaluation;
using Bft.Research.Models;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Tokenization;
using Bft.Tests;

namespace Bft.Research.Tests.Evaluation;

/// <summary>Multiple-choice questions and running text from files.</summary>
public sealed class ChoiceQuestionTests : IDisposable
{
    private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"question": "q", "choices": ["x", "y"], "answer": 1}""")]
    [InlineData("""{"prompt": "q", "options": ["x", "y"], "label": "B"}""")]
    [InlineData("""{"question": "q", "options": {"A": "x", "B": "y"}, "answer": "y", "answer_idx": "B"}""")]
    [InlineData("""{"question": "q", "choices": ["x", "y"], "answer": "y"}""")]
    public void A_question_may_be_spelled_in_several_ways(string line)
    {
        var question = Assert.Single(Read(line));
        Assert.Equal(("q", 1), (question.Text, question.Answer));
        Assert.Equal(["x", "y"], question.Choices);
    }

    [Theory]
    [InlineData("""{"question": "q", "choices": ["x", "y"], "answer": 2}""", "FILE:1: answer: expected a choice: a number below 2, A, B or its text, actual 2.")]
    [InlineData("""{"question": "q", "choices": ["x", "y"], "answer": "C"}""", "FILE:1: answer: expected a choice: a number below 2, A, B or its text, actual C.")]
    [InlineData("""{"question": "q", "choices": ["x"], "answer": 0}""", "FILE:1: choices: expected 2 to 26 choices, actual 1.")]
    [InlineData("""{"question": "q", "choices": ["x", " "], "answer": 0}""", "FILE:1: choices[1]: expected a choice, actual white space.")]
    [InlineData("""{"question": "q", "choices": "xy", "answer": 0}""", "FILE:1: choices: expected a list, actual text.")]
    [InlineData("""{"question": "q", "answer": 0}""", "FILE:1: choices: expected a value, actual none; fields: question, answer.")]
    [InlineData("""{"choices": ["x", "y"], "answer": 0}""", "FILE:1: question: expected a value, actual none; fields: choices, answer.")]
    public void What_is_wrong_with_a_question_is_named(string line, string message) =>
        Assert.Equal(message.Replace("FILE", _folder["q.jsonl"], StringComparison.Ordinal), Assert.Throws<DataFileException>(() => Read(line)).Message);

    [Fact]
    public void A_model_that_was_told_the_answers_gives_them()
    {
        var tokenizer = HfTokenizer.Load(s_mini);
        using var model = CausalLm.Load(s_mini, torch.ScalarType.Float32);
        var questions = Read("""{"question": "q", "choices": ["x", "y", "z"], "answer": 0}""", """{"question": "TP53 is a", "choices": ["gene", "zebra"], "answer": 1}""");
        var scores = MultipleChoice.Score(model, [.. questions.Select(q => q.Tokenize(tokenizer, null, ChoiceForm.Text))]);
        ChoiceQuestion[] told = [.. questions.Zip(scores, (q, s) => q with { Answer = s.Choose(ChoiceNormalisation.None) })];
        var summary = ChoiceSummary.Of(model, told, tokenizer, null);
        Assert.Equal((2, 1.0, (1 / 3.0 + 0.5) / 2), (summary.Questions, summary.Accuracy.Value, summary.Chance));
        Assert.Equal(0, ChoiceSummary.Of(model, [.. told.Select(q => q with { Answer = (q.Answer + 1) % q.Choices.Count })], tokenizer, null).Accuracy.Value);
        Assert.True(summary.AnswerNll.Value > 0);
    }

    [Fact]
    public void Letters_are_scored_after_the_list_of_choices()
    {
        var tokenizer = HfTokenizer.Load(s_mini);
        var item = Read("""{"question": "q", "choices": ["x", "y"], "answer": 0}""")[0].Tokenize(tokenizer, null, ChoiceForm.Letters);
        Assert.Equal("q\nA. x\nB. y\nAnswer:", Text(item.Context));
        Assert.Equal([" A", " B"], item.Choices.Select(Text));
        string Text(IReadOnlyList<long> ids) => tokenizer.Decode(ids.Select(id => (int)id));
    }

    [Fact]
    public void Running_text_is_cut_into_pieces_each_token_of_which_is_scored_once()
    {
        var tokenizer = HfTokenizer.Load(s_mini);
        const string Text = "TP53 encodes a tumour suppressor. MDM2 binds it, and so on and so forth.";
        File.WriteAllLines(_folder["t.jsonl"], ["{\"text\": \"" + Text + "\"}", """{"text": "one"}"""]);
        File.WriteAllText(_folder["t.txt"], Text);
        int[] ids = tokenizer.Encode(Text, addSpecialTokens: false).Ids;
        var rows = TextRows.Read(_folder["t.jsonl"], tokenizer, pieceLength: 5);
        Assert.Equal(ids, rows.Examples.Where(row => row.Name.EndsWith(":1", StringComparison.Ordinal)).SelectMany(row => row.Labels.Where(label => label >= 0).Select(label => (int)label)));
        Assert.All(rows.Examples, row => Assert.InRange(row.Length, 2, 5));
        Assert.Equal(rows.Examples.Where(row => row.Name.EndsWith(":1", StringComparison.Ordinal)).Select(row => row.Ids), TextRows.Read(_folder["t.txt"], tokenizer, pieceLength: 5).Examples.Select(row => row.Ids));
        Assert.Single(TextRows.Read(_folder["t.jsonl"], tokenizer, limit: 1).Examples);
        File.WriteAllText(_folder["t.jsonl"], """{"txt": "a"}""");
        Assert.Equal($"{_folder["t.jsonl"]}:1: text: expected a value, actual none; fields: txt.", Assert.Throws<DataFileException>(() => TextRows.Read(_folder["t.jsonl"], tokenizer)).Message);
        File.WriteAllBytes(_folder["t.txt"], [0x41, 0xFF, 0x42]);
        Assert.StartsWith($"{_folder["t.txt"]}: expected UTF-8", Assert.Throws<InvalidDataException>(() => TextRows.Read(_folder["t.txt"], tokenizer)).Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<ChoiceQuestion> Read(params string[] lines)
    {
        File.WriteAllLines(_folder["q.jsonl"], lines);
        return ChoiceQuestion.Read(_folder["q.jsonl"]);
    }
}
