using Bft.Research.Models;
using Bft.Research.Models.Generation;
using Bft.Research.Tokenization;
using Bft.Tests;

namespace Bft.Research.Tests.Models.Generation;

/// <summary>A conversation turn by turn.</summary>
public sealed class ChatSessionTests
{
    private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini", "model");

    [Fact]
    public void Every_turn_sees_those_before_it_and_answers_as_one_prompt_would()
    {
        var tokenizer = HfTokenizer.Load(s_mini);
        var template = ChatTemplate.Load(s_mini);
        using var model = CausalLm.Load(s_mini, torch.ScalarType.Float32);
        var options = new GenerationOptions { MaxNewTokens = 12, EosTokenIds = EndTokens.Of(s_mini, model.Config, tokenizer) };
        using var session = new ChatSession(model, tokenizer, template, options);
        session.Reset("Answer briefly.");
        var first = string.Concat(session.Say("Which gene encodes p53?"));
        var second = string.Concat(session.Say("And which one MDM2?"));
        Assert.Equal(["system", "user", "assistant", "user", "assistant"], session.Messages.Select(message => message.Role));
        Assert.Equal([first, second], session.Messages.Where(message => message.Role == "assistant").Select(message => message.Content));

        ChatMessage[] all = [.. session.Messages.SkipLast(1)];
        Assert.Equal(Answer(all), second);
        Assert.NotEqual(tokenizer.Encode(template.Render(all[^1..], true).Text, false).Ids.Length, session.PromptTokens); // the wrong variant forgets the turns before
        Assert.Equal(tokenizer.Encode(template.Render(all, true).Text, false).Ids.Length, session.PromptTokens);

        session.Reset();
        Assert.Empty(session.Messages);
        Assert.Throws<ArgumentException>(() => session.Say(" ").ToList());
        _ = session.Say("Which gene encodes p53?").First(); // an answer that is not read to its end does not count
        Assert.Empty(session.Messages);

        string Answer(ChatMessage[] messages)
        {
            long[] prompt = [.. tokenizer.Encode(template.Render(messages, true).Text, false).Ids.Select(id => (long)id)];
            return tokenizer.Decode(Generator.Generate(model, [prompt], options)[0].Tokens.Select(id => (int)id), skipSpecialTokens: true);
        }
    }

    [Theory]
    [InlineData("{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}", false)]
    [InlineData("{% for m in messages %}<{{ m.role }}>{{ m.content if m.role == 'user' or loop.index > messages|length - 2 else m.content[:4] }}</{{ m.role }}>\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}", true)]
    public void Turns_are_answered_as_without_a_cache_and_only_what_is_new_is_computed(string text, bool rewrites)
    {
        var tokenizer = HfTokenizer.Load(s_mini);
        var template = ChatTemplate.Parse(text);
        using var model = CausalLm.Load(s_mini, torch.ScalarType.Float32);
        var options = new GenerationOptions { MaxNewTokens = 9, EosTokenIds = [] };
        using var session = new ChatSession(model, tokenizer, template, options);
        long[] held = [];
        foreach (var (said, turn) in ((string[])["Which gene encodes p53?", "And which one MDM2?", "Name a drug.", "Why?"]).Select((said, turn) => (said, turn)))
        {
            ChatMessage[] all = [.. session.Messages, new("user", said)];
            long[] prompt = [.. tokenizer.Encode(template.Render(all, true).Text, false).Ids.Select(id => (long)id)];
            var made = Generator.Generate(model, [prompt], options)[0].Tokens;
            Assert.Equal(tokenizer.Decode(made.Select(id => (int)id), skipSpecialTokens: true), string.Concat(session.Say(said)));
            var common = held.Zip(prompt).TakeWhile(pair => pair.First == pair.Second).Count();
            Assert.Equal((prompt.Length, prompt.Length - Math.Min(common, prompt.Length - 1)), (session.PromptTokens, session.ComputedTokens));
            Assert.True(turn == 0 || session.ComputedTokens < prompt.Length, $"turn {turn}: all {prompt.Length} tokens were computed");
            if (rewrites && turn >= 2)
                Assert.True(common < held.Length - 1, "the template should have rewritten a turn that was held");
            held = [.. prompt, .. made[..^1]];
        }
    }

    [Fact]
    public void Logits_are_those_of_the_whole_prompt_and_a_stale_end_is_far_from_them()
    {
        using var model = CausalLm.Load(s_mini, torch.ScalarType.Float32);
        using var off = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        long[] first = [.. Enumerable.Range(0, 40).Select(i => (long)(i * 37 % 3000))], second = [.. first[..25], .. first[..6], 7, 8];
        using var cache = new ConversationCache(model);
        cache.Begin(first, 300); // more than it has room for at the start
        cache.NextLogits([], 0);
        cache.Begin(second, 300);
        Assert.Equal(second.Length - 25, cache.New);
        var whole = model.Logits(model.Hidden(torch.tensor(second, [1, second.Length])).select(1, second.Length - 1));
        double Far(Tensor other) => ((whole - other).abs().max() / whole.std()).ToDouble();
        Assert.True(Far(cache.NextLogits([], 0)) < 1e-4);
        cache.Begin(second, 300);
        Assert.Equal(1, cache.New); // the same prompt again: only its last token

        using var stale = new KeyValueCache(model, 1, 64); // the wrong variant: what followed the common beginning is kept
        using (var all = model.NewContext(1, first.Length, cache: stale))
            model.Hidden(torch.tensor(first, [1, first.Length]), all);
        using var rest = model.NewContext(1, second.Length - 25, cache: stale);
        Assert.True(Far(model.Logits(model.Hidden(torch.tensor(second[25..], [1, second.Length - 25]), rest).select(1, second.Length - 26))) > 0.1);
    }

    [Fact]
    public void Turns_leave_no_tensor_behind_and_an_answer_that_is_broken_off_does_not_count()
    {
        var tokenizer = HfTokenizer.Load(s_mini);
        using var model = CausalLm.Load(s_mini, torch.ScalarType.Float32);
        using var session = new ChatSession(model, tokenizer, ChatTemplate.Load(s_mini), new() { MaxNewTokens = 3, EosTokenIds = [] });
        var whole = string.Concat(session.Say("Which gene?"));
        var live = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        session.Reset();
        _ = session.Say("Which drug?").First();
        Assert.Equal(whole, string.Concat(session.Say("Which gene?")));
        session.Say("And?").ToList();
        Assert.Equal(live, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void The_ends_of_generation_config_win_over_those_of_config_and_the_tokenizers_is_always_one()
    {
        var tokenizer = HfTokenizer.Load(s_mini);
        var config = CausalLmConfig.Read(s_mini);
        var folder = Directory.CreateTempSubdirectory("bft-ends-").FullName;
        try
        {
            Assert.Equal(config.EosTokenIds.Append(tokenizer.SpecialTokens.End!.Id).Distinct(), EndTokens.Of(folder, config, tokenizer));
            File.WriteAllText(Path.Combine(folder, "generation_config.json"), """{"eos_token_id": [7, 8]}""");
            Assert.Equal([7, 8, tokenizer.SpecialTokens.End.Id], EndTokens.Of(folder, config, tokenizer));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
