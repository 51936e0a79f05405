using Bft.Research.Data;
using Bft.Research.Tokenization;
using Bft.Research.Tokenization.Training;

namespace Bft.Research.Tests.Data;

/// <summary>A small byte-level tokenizer with the special tokens of ChatML, and templates of its family.</summary>
internal static class ChatTokenizer
{
    private const string Open = "{{ '<|im_start|>' + m.role + '\\n' }}", Prompt = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    public static HfTokenizer Tokenizer { get; } = Train();

    /// <summary>ChatML whose generation tags hold the end of the turn, as a file would hold it.</summary>
    public const string TaggedText =
        "{% for m in messages %}" + Open + "{% if m.role == 'assistant' %}{% generation %}{{ m.content + '<|im_end|>' }}{% endgeneration %}{% else %}{{ m.content + '<|im_end|>' }}{% endif %}{{ '\\n' }}{% endfor %}" + Prompt;

    /// <summary><see cref="TaggedText"/>.</summary>
    public static ChatTemplate Tagged { get; } = ChatTemplate.Parse(TaggedText);

    /// <summary>ChatML whose generation tags stop before the end of the turn.</summary>
    public static ChatTemplate EndOutside { get; } = ChatTemplate.Parse(
        "{% for m in messages %}" + Open + "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}" + Prompt);

    /// <summary>ChatML without tags.</summary>
    public static ChatTemplate Untagged { get; } = ChatTemplate.Parse("{% for m in messages %}" + Open + "{{ m.content + '<|im_end|>\\n' }}{% endfor %}" + Prompt);

    /// <summary>ChatML that leaves the reasoning of earlier turns out, opens the last one's when it has none, and refuses a system turn.</summary>
    public static ChatTemplate Forgetful { get; } = ChatTemplate.Parse(
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System turns are not known.') }}{% endif %}" + Open
        + "{% if m.role == 'assistant' and not loop.last %}{{ m.content.split('</think>')[-1].lstrip('\\n') }}{% elif m.role == 'assistant' and '<think>' not in m.content %}{{ '<think>\\n\\n</think>\\n\\n' + m.content }}{% else %}{{ m.content }}{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}" + Prompt);

    /// <summary>Text without any mark of an end.</summary>
    public static ChatTemplate Endless { get; } = ChatTemplate.Parse(
        "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ 'A: ' + m.content + '\\n' }}{% endgeneration %}{% else %}{{ 'Q: ' + m.content + '\\n' }}{% endif %}{% endfor %}");

    /// <summary>The tokens that are taught, run by run, as text.</summary>
    public static string[] Taught(TokenizedExample example)
    {
        List<string> runs = [];
        for (int start = 0, end; start < example.Length; start = end)
        {
            end = start + 1;
            while (end < example.Length && example.Turns![end] == example.Turns[start])
                end++;
            if (example.Turns![start] >= 0)
                runs.Add(Tokenizer.Decode(example.Ids[start..end]));
        }

        return [.. runs];
    }

    private static HfTokenizer Train()
    {
        var folder = Directory.CreateTempSubdirectory("tokenizer");
        try
        {
            BpeTrainer.Train(["Name a gene. TP53 BRCA1 Be short. user assistant system Another gene think"], new()
            {
                VocabularySize = 320,
                MinimumFrequency = 1,
                SpecialTokens = ["<|im_start|>", "<|im_end|>"],
                EndToken = "<|im_end|>",
            }).Save(folder.FullName);
            return HfTokenizer.Load(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
