using System.CommandLine;
using Bft.Research.Models.Generation;
using Bft.Research.Tokenization;

namespace Bft.Cli;

/// <summary><c>bft generate</c>: continues a prompt or answers a message, token by token, or answers a file of prompts.</summary>
internal static class GenerateCommand
{
    private static readonly ModelOptions s_model = new();
    private static readonly SamplingOptions s_sampling = new(64);
    private static readonly Option<string?> s_prompt = new("--prompt") { Description = "text that is continued as it stands" };
    private static readonly Option<string?> s_message = new("--message") { Description = "user turn that is answered" };
    private static readonly Option<string?> s_system = new("--system") { Description = "system turn before --message" };
    private static readonly Option<string?> s_input = new("--input") { Description = "JSON Lines of objects with prompt, message or messages; each is answered" };
    private static readonly Option<string?> s_output = new("--output") { Description = "JSON Lines with the objects of --input and their answers; without it they go to standard output" };
    private static readonly Option<int> s_batch = new("--batch") { Description = "rows of --input that go through the model together", DefaultValueFactory = _ => 8 };

    public static Command Create()
    {
        var command = new Command("generate", "Continue --prompt, answer --message, or answer each row of --input. Text goes to standard output as it is made, the speed to standard error.")
        {
            s_prompt, s_message, s_system, s_input, s_output, s_batch,
        };
        s_model.AddTo(command);
        s_sampling.AddTo(command);
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        string? prompt = result.GetValue(s_prompt), message = result.GetValue(s_message), input = result.GetValue(s_input);
        if (new[] { prompt, message, input }.Count(given => given is not null) != 1)
            throw new InvalidDataException("expected one of --prompt, --message and --input.");
        if (message is null && result.GetValue(s_system) is not null)
            throw new InvalidDataException("--system: expected --message beside it, actual none.");
        if (input is null && result.GetValue(s_output) is not null)
            throw new InvalidDataException("--output: expected --input beside it, actual none.");
        var rows = input is null ? null : PromptRows.Read(input);
        using var open = s_model.Open(result);
        var options = s_sampling.Read(result, open.Ends);
        var started = TimeProvider.System.GetTimestamp();
        var (tokens, ended) = rows is not null
            ? rows.Answer(open, options, result.GetValue(s_batch), result.GetValue(s_output), cancellation)
            : Stream(open, prompt is not null ? open.Tokenizer.Encode(prompt).Ids : Rendered(open, result.GetValue(s_system), message!), options, cancellation);
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        Console.Error.WriteLine(FormattableString.Invariant($"{tokens} tokens in {seconds:0.0} s, {tokens / seconds:0.0} a second{(ended ? "" : "; not ended")}"));
        return Verb.Success;
    }

    private static (int Tokens, bool Ended) Stream(OpenModel open, int[] ids, GenerationOptions options, CancellationToken cancellation)
    {
        var text = new TokenTextStream(open.Tokenizer);
        var count = 0;
        var ended = false;
        foreach (var token in Generator.Stream(open.Model, [[.. ids.Select(id => (long)id)]], options, cancellation))
        {
            Console.Out.Write(text.Add((int)token.Id));
            Console.Out.Flush();
            count++;
            ended = token.Ends;
        }

        Console.Out.WriteLine(text.Finish());
        return (count, ended);
    }

    private static int[] Rendered(OpenModel open, string? system, string message)
    {
        ChatMessage[] turns = system is null ? [new("user", message)] : [new("system", system), new("user", message)];
        return open.Tokenizer.Encode(open.Template().Render(turns, addGenerationPrompt: true).Text, addSpecialTokens: false).Ids;
    }
}
