using System.Text;
using Bft.Research.Data;
using Bft.Research.Evaluation;
using Bft.Research.Models;
using Bft.Research.Tokenization;

namespace Bft.Research.World;

/// <summary>A share of right answers.</summary>
/// <param name="Half">Facts from pretraining, or new ones.</param>
/// <param name="Use">Phrasings of the questions.</param>
/// <param name="What">What is asked: objects (four options), directions (two options), directions that need two steps.</param>
/// <param name="Right">Right answers.</param>
/// <param name="Asked">Questions.</param>
/// <param name="Chance">Expected share by uniform guessing.</param>
public sealed record QuestionScore(FactHalf Half, PhrasingUse Use, string What, int Right, int Asked, double Chance)
{
    /// <summary>Share of right answers.</summary>
    public double Accuracy => (double)Right / Asked;
}

/// <summary>What the mini model knows: perplexity on held-out text and answers to questions.</summary>
/// <param name="GeneralPerplexity">Held-out everyday prose, per token.</param>
/// <param name="KnownPerplexity">Held-out biomedical prose of known facts.</param>
/// <param name="NewPerplexity">Biomedical prose of facts that pretraining did not show.</param>
/// <param name="Scores">Answers by half, phrasing and kind.</param>
public sealed record MiniModelReport(double GeneralPerplexity, double KnownPerplexity, double NewPerplexity, IReadOnlyList<QuestionScore> Scores)
{
    private const int RowsPerBatch = 32;

    /// <summary>Measures a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="world">The world.</param>
    /// <param name="seed">Seed of texts and questions.</param>
    /// <param name="passages">Passages of each kind of text.</param>
    /// <param name="questions">Questions of each cell at most.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static MiniModelReport Measure(
        CausalLm model, HfTokenizer tokenizer, MiniWorld world, ulong seed, int passages = 200, int questions = 300, CancellationToken cancellationToken = default)
    {
        double Text(Func<long, AnnotatedText> write) => Perplexity.Measure(
            model, Enumerable.Range(0, passages).Select(i => Passage(tokenizer, write(i).Text)), cancellationToken).Value;

        List<QuestionScore> scores = [];
        foreach (var half in Enum.GetValues<FactHalf>())
        {
            foreach (var use in Enum.GetValues<PhrasingUse>())
            {
                QuestionScore Ask(string what, Func<Fact, bool> filter) =>
                    Score(model, tokenizer, world.Questions(half, use, seed, questions, filter), half, use, what, cancellationToken);
                scores.Add(Ask("object", f => !f.IsDirection));
                scores.Add(Ask("direction", f => f.IsDirection && f.Steps == 1));
                scores.Add(Ask("direction, two steps", f => f.IsDirection && f.Steps == 2));
            }
        }

        return new(
            Text(i => world.General(seed, TextSplit.HeldOut, i)),
            Text(i => world.Biomedical(seed, FactHalf.Known, TextSplit.HeldOut, i)),
            Text(i => world.Biomedical(seed, FactHalf.New, TextSplit.HeldOut, i)),
            scores);
    }

    /// <summary>The scores as a Markdown table.</summary>
    public string ToMarkdown()
    {
        StringBuilder table = new("| facts | phrasing | asked for | right | of | accuracy | chance |\n| --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var s in Scores)
            table.Append(FormattableString.Invariant($"| {s.Half} | {s.Use} | {s.What} | {s.Right} | {s.Asked} | {s.Accuracy:0.000} | {s.Chance:0.00} |\n"));
        return table.ToString();
    }

    private static TokenBatch Passage(HfTokenizer tokenizer, string text)
    {
        var end = tokenizer.TokenToId(MiniModelOptions.EndOfText)!.Value;
        return MiniModelTraining.Batch([[end, .. tokenizer.Encode(text, addSpecialTokens: false).Ids.Select(id => (long)id), end]]);
    }

    private static QuestionScore Score(
        CausalLm model, HfTokenizer tokenizer, IReadOnlyList<Question> questions, FactHalf half, PhrasingUse use, string what, CancellationToken cancellationToken)
    {
        var items = questions.Select(q => q.ToChoiceItem(tokenizer)).ToList();
        var chosen = MultipleChoice.Score(model, items, RowsPerBatch, cancellationToken).Select(s => s.Choose(ChoiceNormalisation.None));
        var right = chosen.Zip(questions).Count(p => p.First == p.Second.Answer);
        return new(half, use, what, right, questions.Count, questions.Average(q => 1.0 / q.Options.Count));
    }
}
