using Bft.Research.Models;
using Bft.Research.Models.Generation;

namespace Bft.Research.Verification.Generation;

/// <summary>Kind <c>generate</c>: greedy decoding of padded batches with a cache.</summary>
internal sealed class GenerateRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "generate";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        var folder = context.Resolve(golden, golden.Input("model").Text());
        var model = context.Cached($"CausalLm {folder}", () => CausalLm.Load(folder, context.Dtype, context.Device));
        long[][] padded = golden.Input("input_ids").IntegerRows(), prompts = golden.Input("prompts").IntegerRows();
        var rows = Generator.Generate(model, prompts, Options(golden, padded[0].Length));

        var newTokens = golden.Expect("new_tokens").IntegerRows();
        var logLikelihoods = golden.Expect("token_log_likelihood").NumberRows();
        var longest = rows.Max(row => row.Tokens.Length);
        var pad = golden.Input("pad_token_id").GetInt64();
        for (var row = 0; row < rows.Count; row++)
        {
            var found = rows[row];
            compare.ExactSequence($"new_tokens[{row}]", newTokens[row], found.Tokens);
            compare.Exact($"finish[{row}]", golden.Expect("finish")[row].Text(), found.Ended ? "eos" : "length");
            compare.Numbers($"token_log_likelihood[{row}]", logLikelihoods[row], found.LogProbs);
            long[] sequence = [.. padded[row], .. found.Tokens, .. Enumerable.Repeat(pad, longest - found.Tokens.Length)];
            compare.ExactSequence($"sequences[{row}]", golden.Expect("sequences").IntegerRows()[row], sequence);
        }
    }

    /// <summary>Lengths that count the padded prompt become counts of new tokens.</summary>
    private static GenerationOptions Options(GoldenCase golden, int width)
    {
        int? Count(string name) => golden.OptionalInput(name)?.GetInt32();
        var limit = Count("max_new_tokens") ?? Count("max_length") - width ?? throw new InvalidDataException($"{golden.File}: case {golden.Id}: neither max_new_tokens nor max_length.");
        return new()
        {
            MaxNewTokens = limit,
            MinNewTokens = Math.Min(limit, Math.Max(Count("min_new_tokens") ?? 0, (Count("min_length") ?? 0) - width)),
            EosTokenIds = golden.OptionalInput("eos_token_id")?.Integers() ?? [],
            Filters = new() { RepetitionPenalty = golden.OptionalInput("repetition_penalty")?.Number() ?? 1 },
        };
    }
}
