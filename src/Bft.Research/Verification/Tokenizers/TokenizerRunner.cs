using System.Text.Json;
using Bft.Research.Tokenization;

namespace Bft.Research.Verification.Tokenizers;

/// <summary>Runs the cases of the area <c>tokenizers</c>: encoding of texts, pairs and batches, splitting, decoding, clean-up.</summary>
internal sealed class TokenizerRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Area == "tokenizers";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        if (golden.Kind == "cleanup")
        {
            compare.Exact("text", golden.Expect("text").Text(), HfTokenizer.CleanUp(golden.Input("text").Text()));
            return;
        }

        var path = context.Resolve(golden, golden.Input("tokenizer").Text());
        var tokenizer = context.Cached($"tokenizer {path}", () => HfTokenizer.Load(path));
        switch (golden.Kind)
        {
            case "encode" or "encode-pair":
                RunEncode(golden, compare, tokenizer);
                break;
            case "encode-batch":
                RunBatch(golden, compare, tokenizer);
                break;
            case "pretokenize":
                CompareOffsets(golden.Expect("offsets"), tokenizer.PreTokenize(golden.Input("text").Text()), compare);
                break;
            case "decode":
                CompareDecoded(golden, compare, tokenizer, [.. golden.Input("ids").Integers().Select(id => (int)id)]);
                break;
            default:
                throw new InvalidDataException($"Unknown kind {golden.Kind}.");
        }
    }

    private static void RunEncode(GoldenCase golden, Comparison compare, HfTokenizer tokenizer)
    {
        var asFileSays = golden.OptionalInput("as_file_says")?.GetBoolean() ?? false;
        var options = new EncodeOptions
        {
            AddSpecialTokens = golden.Input("add_special_tokens").GetBoolean(),
            Truncation = asFileSays ? tokenizer.StoredTruncation : golden.OptionalInput("truncation") is { } asked ? Truncation(asked) : null,
            Padding = asFileSays ? tokenizer.StoredPadding : null,
        };
        var text = golden.Input("text").Text();
        TokenEncoding encoding;
        try
        {
            encoding = golden.Kind == "encode" ? tokenizer.Encode(text, options) : tokenizer.EncodePair(text, golden.Input("text_pair").Text(), options);
        }
        catch (InvalidOperationException refused) when (golden.OptionalExpect("error") is { } message)
        {
            compare.Exact("error", message.Text(), refused.Message[..Math.Min(refused.Message.Length, message.Text().Length)]);
            return;
        }

        if (golden.OptionalExpect("error") is { } missing)
            compare.Fail($"error: expected \"{missing.Text()}\", actual none");
        else
            CompareEncoding(golden, compare, tokenizer, encoding, text);
    }

    private static void CompareEncoding(GoldenCase golden, Comparison compare, HfTokenizer tokenizer, TokenEncoding encoding, string text)
    {
        compare.ExactSequence("ids", golden.Expect("ids").Integers(), encoding.Ids.Select(id => (long)id));
        foreach (var value in golden.Expected.EnumerateObject())
            switch (value.Name)
            {
                case "tokens":
                    compare.ExactSequence("tokens", value.Value.Strings(), encoding.Tokens);
                    break;
                case "offsets":
                    CompareOffsets(value.Value, encoding.Offsets, compare);
                    break;
                case "special_tokens_mask":
                    compare.ExactSequence("special_tokens_mask", value.Value.Integers(), encoding.SpecialTokensMask.Select(one => (long)one));
                    break;
                case "attention_mask":
                    compare.ExactSequence("attention_mask", value.Value.Integers(), encoding.AttentionMask.Select(one => (long)one));
                    break;
                case "type_ids":
                    compare.ExactSequence("type_ids", value.Value.Integers(), encoding.TypeIds.Select(type => (long)type));
                    break;
                case "overflowing":
                    CompareRows("overflowing", value.Value, encoding.Overflowing.Select(part => part.Ids), compare);
                    break;
                case "decoded":
                    CompareDecoded(golden, compare, tokenizer, encoding.Ids);
                    break;
                case "decoded_equals_text":
                    compare.Exact("decoded_equals_text", value.Value.GetBoolean(), tokenizer.Decode(encoding.Ids) == text);
                    break;
            }
    }

    private static void RunBatch(GoldenCase golden, Comparison compare, HfTokenizer tokenizer)
    {
        var asked = golden.Input("padding");
        var token = asked.GetProperty("pad_token").Text();
        var encodings = tokenizer.EncodeBatch(golden.Input("texts").Strings(), new EncodeOptions
        {
            AddSpecialTokens = golden.Input("add_special_tokens").GetBoolean(),
            Padding = new()
            {
                PadToken = token,
                PadId = tokenizer.TokenToId(token) ?? throw new InvalidDataException($"The tokenizer has no token {token}."),
                MultipleOf = asked.TryGetProperty("pad_to_multiple_of", out var multiple) && multiple.ValueKind == JsonValueKind.Number ? multiple.GetInt32() : null,
                Side = Side(asked.GetProperty("side")),
            },
        });
        CompareRows("ids", golden.Expect("ids"), encodings.Select(encoding => encoding.Ids), compare);
        CompareRows("attention_mask", golden.Expect("attention_mask"), encodings.Select(encoding => encoding.AttentionMask), compare);
    }

    private static void CompareDecoded(GoldenCase golden, Comparison compare, HfTokenizer tokenizer, int[] ids)
    {
        var kept = tokenizer.Decode(ids);
        compare.Exact("decoded", golden.Expect("decoded").Text(), kept);
        compare.Exact("decoded_skip_special", (golden.OptionalExpect("decoded_skip_special") ?? golden.Expect("decoded")).Text(), tokenizer.Decode(ids, skipSpecialTokens: true));
        if (golden.OptionalExpect("decoded_cleaned") is { } cleaned)
            compare.Exact("decoded_cleaned", cleaned.Text(), HfTokenizer.CleanUp(kept));
    }

    private static Truncation Truncation(JsonElement asked) => new()
    {
        MaxLength = asked.GetProperty("max_length").GetInt32(),
        Stride = asked.TryGetProperty("stride", out var stride) ? stride.GetInt32() : 0,
        Side = asked.TryGetProperty("direction", out var side) ? Side(side) : TextSide.Right,
        Strategy = asked.TryGetProperty("strategy", out var strategy)
            ? strategy.Text() switch
            {
                "longest_first" => TruncationStrategy.LongestFirst,
                "only_first" => TruncationStrategy.OnlyFirst,
                "only_second" => TruncationStrategy.OnlySecond,
                var other => throw new InvalidDataException($"Unknown truncation strategy {other}."),
            }
            : TruncationStrategy.LongestFirst,
    };

    private static TextSide Side(JsonElement side) => side.Text() == "left" ? TextSide.Left : TextSide.Right;

    private static void CompareOffsets(JsonElement expected, IReadOnlyList<TokenOffset> actual, Comparison compare) =>
        CompareRows("offsets", expected, actual.Select(offset => (int[])[offset.Start, offset.End]), compare);

    private static void CompareRows(string what, JsonElement expected, IEnumerable<int[]> actual, Comparison compare) =>
        compare.ExactSequence(what, expected.IntegerRows().Select(row => string.Join(' ', row)), actual.Select(row => string.Join(' ', row)));
}
