using Bft.Research.Models;
using Bft.Research.Models.Generation;

namespace Bft.Research.Verification.Evaluation;

/// <summary>Kind <c>lm-prompt</c>: log-probabilities along a prompt, the distribution after it, and the greedy continuation under the real model.</summary>
internal sealed class LmPromptRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden is { Area: "real-model", Kind: "lm-prompt" };

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        var model = RealModel.Load(golden, context);
        var ids = golden.Input("ids").Integers();
        var statistics = RealModel.Score(model, ids);
        compare.Numbers("token_log_probs", [.. golden.Expect("token_log_probs").EnumerateArray().Skip(1).Select(value => value.Number())], statistics.LogProbs);
        var argmax = golden.Expect("argmax").Integers();
        compare.ExactSequence("argmax", argmax[..^1], statistics.Best);
        CompareLast(golden, compare, model, ids, argmax[^1]);

        var greedy = golden.Expect("greedy_ids").Integers();
        var row = Generator.Generate(model, [ids], new() { MaxNewTokens = greedy.Length, EosTokenIds = [] }).Single();
        compare.ExactSequence("greedy_ids", greedy, row.Tokens);
        compare.Numbers("greedy_log_probs", golden.Expect("greedy_log_probs"), row.LogProbs);
    }

    private static void CompareLast(GoldenCase golden, Comparison compare, CausalLm model, long[] ids, long argmax)
    {
        using var off = torch.no_grad();
        var hidden = model.Hidden(torch.tensor(ids, [1, ids.Length], device: model.Device));
        var logits = model.Logits(hidden.select(1, ids.Length - 1)).to(torch.ScalarType.Float64).reshape(-1);
        var logProbs = logits - logits.logsumexp(0);
        var (values, indices) = logProbs.topk(10);
        compare.ExactSequence("last_top10_ids", golden.Expect("last_top10_ids").Integers(), indices.cpu().data<long>());
        compare.Exact("argmax of the last position", argmax, indices[0].ToInt64());
        compare.Numbers("last_top10_log_probs", golden.Expect("last_top10_log_probs"), values.cpu().data<double>().ToArray());
        compare.Number("last_entropy", golden.Expect("last_entropy").Number(), -(logProbs.exp() * logProbs).sum().ToDouble());
    }
}
