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
        var session = new ChatSession(model, tokenizer, template, options);
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
