using Bft.Research.Models;
using Bft.Research.Models.Generation;

namespace Bft.Research.Tests.Models.Generation;

public class GeneratorTests
{
    private static readonly long[][] s_prompts = [[3, 9, 27, 31], [40], [8, 1, 44, 5, 6, 7]];
    private static readonly GenerationOptions s_twelve = new() { MaxNewTokens = 12, EosTokenIds = [] };

    [Theory]
    [InlineData(DecoderFamily.Llama, null)]
    [InlineData(DecoderFamily.Qwen3, 5)]
    public void A_padded_batch_with_a_cache_equals_one_row_without(DecoderFamily family, int? window)
    {
        using var model = TinyDecoder.Create(TinyDecoder.Config(family) with { LayerWindows = window is null ? [] : [null, window] });
        var rows = Generator.Generate(model, s_prompts, s_twelve);
        for (var row = 0; row < s_prompts.Length; row++)
        {
            var (tokens, logProbs) = WithoutCache(model, s_prompts[row], 12);
            Assert.Equal(tokens, rows[row].Tokens);
            Assert.All(logProbs.Zip(rows[row].LogProbs), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
            Assert.NotEqual(tokens, WithoutCache(model, [0, 0, .. s_prompts[row]], 12).Tokens); // the wrong variant sees the padding
        }
    }

    [Fact]
    public void An_end_token_stops_its_row_and_stays_in_it()
    {
        using var model = TinyDecoder.Create();
        var free = Generator.Generate(model, s_prompts, s_twelve);
        var end = free[0].Tokens[3];
        var stopped = Generator.Generate(model, s_prompts, s_twelve with { EosTokenIds = [end, 49] });
        var first = Array.IndexOf(free[0].Tokens, end);
        Assert.Equal(free[0].Tokens[..(first + 1)], stopped[0].Tokens);
        Assert.True(stopped[0].Ended);
        var late = Generator.Generate(model, s_prompts, s_twelve with { EosTokenIds = [end], MinNewTokens = 9 });
        Assert.DoesNotContain(end, late[0].Tokens[..9]);
        Assert.All(free, row => Assert.False(row.Ended));
    }

    [Fact]
    public void A_stream_gives_the_same_tokens_step_by_step_and_computes_no_more_than_is_asked_for()
    {
        using var model = TinyDecoder.Create();
        var options = s_twelve with { Sample = true, Seed = 5 };
        var rows = Generator.Generate(model, s_prompts, options);
        var streamed = Generator.Stream(model, s_prompts, options).ToList();
        Assert.All(rows.Select((row, i) => (row, i)), pair => Assert.Equal(
            pair.row.Tokens.Zip(pair.row.LogProbs), streamed.Where(token => token.Row == pair.i).Select(token => (token.Id, token.LogProb))));
        Assert.Equal([0, 1, 2, 0, 1, 2], streamed.Take(6).Select(token => token.Row));
        Assert.NotEqual(streamed[0].Id, Generator.Stream(model, s_prompts, options with { Seed = 6 }).First().Id);
        var ending = Generator.Stream(model, s_prompts, s_twelve with { EosTokenIds = [Generator.Generate(model, s_prompts, s_twelve)[0].Tokens[3]] }).Where(token => token.Row == 0).ToList();
        Assert.Equal(Enumerable.Range(0, ending.Count).Select(i => i == ending.Count - 1), ending.Select(token => token.Ends));
    }

    [Fact]
    public void The_end_tokens_of_the_configuration_are_the_default()
    {
        using var model = TinyDecoder.Create();
        var free = Generator.Generate(model, s_prompts, s_twelve);
        using var ending = TinyDecoder.Create(TinyDecoder.Config() with { EosTokenIds = [free[1].Tokens[0]] });
        Assert.Equal([free[1].Tokens[0]], Generator.Generate(ending, s_prompts, s_twelve with { EosTokenIds = null })[1].Tokens);
    }

    [Fact]
    public void Draws_follow_the_seed_and_the_probabilities()
    {
        using var model = TinyDecoder.Create();
        var options = new GenerationOptions { MaxNewTokens = 1, EosTokenIds = [], Sample = true, Seed = 11, Filters = new() { Temperature = 1.5, TopK = 6 } };
        var prompts = Enumerable.Repeat<IReadOnlyList<long>>(s_prompts[0], 2000).ToArray();
        var drawn = Generator.Generate(model, prompts, options).Select(row => row.Tokens[0]).ToArray();
        Assert.Equal(drawn, Generator.Generate(model, prompts, options).Select(row => row.Tokens[0]));
        Assert.NotEqual(drawn, Generator.Generate(model, prompts, options with { Seed = 12 }).Select(row => row.Tokens[0]));

        using var scope = torch.NewDisposeScope();
        var logits = model.Logits(model.Hidden(TinyDecoder.Row(s_prompts[0]))).select(1, 3).reshape(-1).data<double>().ToArray();
        Assert.True(ChiSquare(drawn, options.Filters.Probabilities([.. logits])) < 20.5); // 5 degrees of freedom: one in a thousand
        Assert.True(ChiSquare(drawn, new SamplingFilters { TopK = 6 }.Probabilities([.. logits])) > 20.5); // wrong: temperature left out
    }

    [Fact]
    public void A_repetition_penalty_counts_the_prompt_but_not_the_padding()
    {
        using var model = TinyDecoder.Create();
        var options = s_twelve with { Filters = new() { RepetitionPenalty = 1.7 } };
        var together = Generator.Generate(model, s_prompts, options);
        Assert.Equal(Generator.Generate(model, [s_prompts[1]], options)[0].Tokens, together[1].Tokens);
        Assert.NotEqual(Generator.Generate(model, s_prompts, s_twelve)[1].Tokens, together[1].Tokens);
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        using var model = TinyDecoder.Create();
        Assert.Contains("row 1", Assert.Throws<ArgumentException>(() => Generator.Generate(model, [[1], []])).Message, StringComparison.Ordinal);
        Assert.Contains("50", Assert.Throws<ArgumentException>(() => Generator.Generate(model, [[50]])).Message, StringComparison.Ordinal);
        var wrong = new GenerationOptions { MaxNewTokens = 0, MinNewTokens = 3, Filters = new() { Temperature = 0, TopK = -1, TopP = 0, MinP = 2, RepetitionPenalty = 0 } };
        Assert.Equal(7, wrong.Validate().Count);
        Assert.Empty(new GenerationOptions().Validate());
        Assert.Throws<ArgumentException>(() => Generator.Generate(model, [[1]], wrong));
        Assert.Throws<OperationCanceledException>(() => Generator.Generate(model, [[1]], cancellationToken: new CancellationToken(true)));
    }

    [Fact]
    public void The_live_tensor_count_stays_flat_and_training_still_works()
    {
        using var model = TinyDecoder.Create();
        Generator.Generate(model, s_prompts, s_twelve);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 3; i++)
            Generator.Generate(model, s_prompts, s_twelve with { Sample = true });
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);

        using var scope = torch.NewDisposeScope();
        using (torch.inference_mode())
            model.Hidden(TinyDecoder.Ids(1, 600)).Dispose(); // grows the rotary table
        model.Parameters[1].Value.requires_grad = true;
        model.Hidden(TinyDecoder.Ids(1, 5)).sum().backward();
        Assert.NotNull(model.Parameters[1].Value.grad);
    }

    private static double ChiSquare(long[] drawn, double[] probabilities) =>
        Enumerable.Range(0, probabilities.Length).Where(id => probabilities[id] > 0).Sum(id =>
        {
            var expected = probabilities[id] * drawn.Length;
            return Math.Pow(drawn.Count(token => token == id) - expected, 2) / expected;
        });

    private static (long[] Tokens, double[] LogProbs) WithoutCache(CausalLm model, long[] prompt, int count)
    {
        using var scope = torch.NewDisposeScope();
        List<long> all = [.. prompt];
        List<double> logProbs = [];
        for (var i = 0; i < count; i++)
        {
            var logits = model.Logits(model.Hidden(TinyDecoder.Row([.. all]))).select(1, all.Count - 1).reshape(-1);
            var best = logits.argmax().ToInt64();
            logProbs.Add((logits[best] - logits.logsumexp(0)).ToDouble());
            all.Add(best);
        }

        return ([.. all.Skip(prompt.Length)], [.. logProbs]);
    }
}
