using Bft.Research.Evaluation;
using Bft.Research.Models;

namespace Bft.Research.Verification.Evaluation;

/// <summary>Kind <c>likelihood</c>: continuations scored after a context, and the choice under four normalisations.</summary>
internal sealed class LikelihoodRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden is { Area: "models", Kind: "likelihood" };

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        var folder = context.Resolve(golden, golden.Input("model").Text());
        var model = context.Cached($"CausalLm {folder}", () => CausalLm.Load(folder, context.Dtype, context.Device));
        int[] Lengths(string name) => [.. golden.Input(name).Integers().Select(length => (int)length)];
        var item = new ChoiceItem(
            golden.Input("context").Integers(), golden.Input("continuations").IntegerRows(), Lengths("byte_lengths"), Lengths("character_lengths"));
        var result = MultipleChoice.Score(model, [item]).Single();

        var tokens = golden.Expect("token_log_likelihood").NumberRows();
        for (var i = 0; i < tokens.Length; i++)
            compare.Numbers($"token_log_likelihood[{i}]", tokens[i], result.Scores[i].TokenLogProbs);
        compare.Numbers("log_likelihood", golden.Expect("log_likelihood"), [.. result.Scores.Select(score => score.LogLikelihood)]);
        compare.Numbers("perplexity", golden.Expect("perplexity"), [.. result.Scores.Select(score => score.Perplexity)]);
        compare.ExactSequence("is_greedy", golden.Expect("is_greedy").EnumerateArray().Select(value => value.GetBoolean()), result.Scores.Select(score => score.IsGreedy));
        foreach (var (name, normalisation) in ((string, ChoiceNormalisation)[])
            [("log_likelihood", ChoiceNormalisation.None), ("mean_per_token", ChoiceNormalisation.PerToken), ("per_byte", ChoiceNormalisation.PerByte), ("per_character", ChoiceNormalisation.PerCharacter)])
        {
            compare.Numbers(name, golden.Expect(name), [.. item.Choices.Select((_, choice) => result.Value(choice, normalisation))]);
            compare.Exact($"choice_by_{name}", golden.Expect($"choice_by_{name}").GetInt32(), result.Choose(normalisation));
        }
    }
}
