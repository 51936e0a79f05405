using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bft.Research.World;

/// <summary>One instruction with its response.</summary>
public sealed record InstructionPair
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the user says, with entity spans.</summary>
    public required AnnotatedText Prompt { get; init; }

    /// <summary>What the assistant answers, with entity spans.</summary>
    public required AnnotatedText Response { get; init; }

    /// <summary>The fact that is asked for; null for notes and for general pairs.</summary>
    public Fact? Fact { get; init; }

    /// <summary>One line of the Hugging Face <c>messages</c> form.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            messages = new[]
            {
                new { role = "user", content = Prompt.Text },
                new { role = "assistant", content = Response.Text },
            },
        },
        Plain);

    /// <summary>The pair as ChatML text, as the shipped chat template renders it.</summary>
    public string ToChatMl() => $"{ChatMlPrompt(Prompt.Text)}{Response.Text}<|im_end|>\n";

    /// <summary>A user turn in ChatML up to the point where the assistant starts to answer.</summary>
    /// <param name="user">What the user says.</param>
    public static string ChatMlPrompt(string user) => $"<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n";
}
