using System.Text;
using Bft.Research.Evaluation;
using Bft.Research.Tokenization;

namespace Bft.Research.World;

/// <summary>How a question is put.</summary>
public enum QuestionKind
{
    /// <summary>A statement cut before the answer; options continue it.</summary>
    Cloze,

    /// <summary>A question for the user turn of a chat; options are whole answers.</summary>
    Chat,
}

/// <summary>A multiple-choice question. Score each option as a continuation of the prompt; uniform guessing gives 1 / options.</summary>
public sealed record Question
{
    /// <summary>The fact that is asked for.</summary>
    public required Fact Fact { get; init; }

    /// <summary>How it is put.</summary>
    public required QuestionKind Kind { get; init; }

    /// <summary>Whether the phrasing is one that never occurs in training text.</summary>
    public required bool HeldOutPhrasing { get; init; }

    /// <summary>Text before the options: for a cloze the cut statement without a trailing space, for a chat question the user turn.</summary>
    public required string Prompt { get; init; }

    /// <summary>Continuations: with a leading space for a cloze, without for a chat question; each ends with a full stop.</summary>
    public required IReadOnlyList<string> Options { get; init; }

    /// <summary>Index of the right option.</summary>
    public required int Answer { get; init; }

    /// <summary>The text that an option continues: the prompt itself, or the chat up to the assistant's turn.</summary>
    public string Context => Kind == QuestionKind.Cloze ? Prompt : InstructionPair.ChatMlPrompt(Prompt);

    /// <summary>The question as ids. Context and options are encoded apart, as training text splits there too.</summary>
    /// <param name="tokenizer">Tokenizer of the model.</param>
    public ChoiceItem ToChoiceItem(HfTokenizer tokenizer)
    {
        IReadOnlyList<long> Ids(string text) => [.. tokenizer.Encode(text, addSpecialTokens: false).Ids.Select(id => (long)id)];
        return new(Ids(Context), [.. Options.Select(Ids)], [.. Options.Select(Encoding.UTF8.GetByteCount)], [.. Options.Select(o => o.TrimStart().EnumerateRunes().Count())]);
    }
}
