using Bft.Research.Models;
using Bft.Research.Tokenization;
using Bft.Research.Uncertainty;

namespace Bft.Research.Evaluation;

/// <summary>A model on multiple-choice questions, with 95 % intervals from drawing questions again.</summary>
/// <param name="Questions">Number of questions.</param>
/// <param name="Accuracy">Part answered right when choices are compared by log-likelihood.</param>
/// <param name="NormalisedAccuracy">The same by log-likelihood per character.</param>
/// <param name="AnswerNll">Mean −log p of the right choice (nats a choice).</param>
/// <param name="Chance">Accuracy of guessing.</param>
public sealed record ChoiceSummary(int Questions, Estimate Accuracy, Estimate NormalisedAccuracy, Estimate AnswerNll, double Chance)
{
    /// <summary>Asks a model.</summary>
    /// <param name="model">The model with whatever adapter it carries.</param>
    /// <param name="questions">At least one.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="chat">Its chat template; null for none.</param>
    /// <param name="form">How questions are put.</param>
    /// <param name="resamples">How often questions are drawn again.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="rowsPerBatch">Choices that go through the model together.</param>
    /// <param name="cancellationToken">Looked at before every batch.</param>
    public static ChoiceSummary Of(
        CausalLm model, IReadOnlyList<ChoiceQuestion> questions, HfTokenizer tokenizer, IChatRenderer? chat, ChoiceForm form = ChoiceForm.Text,
        int resamples = 1000, ulong seed = 0, int rowsPerBatch = 8, CancellationToken cancellationToken = default)
    {
        if (questions.Count == 0)
            throw new ArgumentException("questions: expected at least one, actual none.", nameof(questions));
        var scores = MultipleChoice.Score(model, [.. questions.Select(question => question.Tokenize(tokenizer, chat, form))], rowsPerBatch, cancellationToken);
        double Right(int i, ChoiceNormalisation normalisation) => scores[i].Choose(normalisation) == questions[i].Answer ? 1 : 0;
        var sums = new PassageBootstrap(
            [.. questions.Select((question, i) => (double[])[1, Right(i, ChoiceNormalisation.None), Right(i, ChoiceNormalisation.PerCharacter), -scores[i].Scores[question.Answer].LogLikelihood])], seed, resamples);
        Estimate Mean(int column)
        {
            var (value, drawn) = sums.Of(s => s[column] / s[0]);
            return Estimate.Percentile(value, drawn, 0.95);
        }

        return new(questions.Count, Mean(1), Mean(2), Mean(3), questions.Average(question => 1.0 / question.Choices.Count));
    }
}
