using System.CommandLine;
using Bft.Research.Data;
using Bft.Research.Models.Generation;
using Bft.Research.Tokenization;
using static Bft.Cli.RunFileOption;

namespace Bft.Cli;

/// <summary><c>bft generate</c>: continues a prompt or answers a message, token by token, or answers a file of prompts.</summary>
internal static class GenerateCommand
{
    private static readonly RunFileArguments<GenerateOptions> s_arguments = new(
    [
        ("prompt", Text("--prompt", "text that is continued as it stands")),
        ("message", Text("--message", "user turn that is answered")),
        ("system", Text("--system", "system turn before --message")),
        ("input", Text("--input", "JSON Lines of objects with prompt, message or messages; each is answered")),
        ("output", Text("--output", "JSON Lines with the objects of --input and their answers; each written when it is finished, in the order of --input; without it they go to standard output")),
        ("batch", Text("--batch", "rows of --input that go through the model together (default 8)")),
        .. SamplingOptions.Named(new GenerateOptions().MaxNewTokens),
    ],
    [
        ("resume", "true", Flag("--resume", "keep the answers that --output holds already, and make the rest")),
    ]);

    public static Command Create()
    {
        var command = new Command("generate", "Continue --prompt, answer --message, or answer each row of --input. Text goes to standard output as it is made, the speed to standard error.");
        s_arguments.AddTo(command);
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        var given = s_arguments.Read(result);
        if (given.Input is { } missing && !File.Exists(missing))
            throw new InvalidDataException($"Input {missing}: no such file.");
        var rows = given.Input is { } input ? PromptRow.Read(input) : null;
        using var file = rows is null ? null : given.Output is { } output ? AnswerFile.Open(output, rows, given.Resume) : AnswerFile.ToStandardOutput();
        if (file is { Done: > 0 })
            Console.Error.WriteLine($"{file.Done} of {rows!.Count} rows are answered already");
        if (file is not null && file.Done == rows!.Count)
            return Verb.Success;
        using var open = given.Open();
        var options = given.ToGeneration(open.Ends);
        var started = TimeProvider.System.GetTimestamp();
        var (tokens, ended) = rows is not null
            ? Answers.Write(open, rows, options, given.Batch, file!, cancellation)
            : Stream(open, given.Prompt is { } prompt ? open.Tokenizer.Encode(prompt).Ids : Rendered(open, given.System, given.Message!), options, cancellation);
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        Console.Error.WriteLine(FormattableString.Invariant($"{tokens} tokens in {seconds:0.0} s, {tokens / seconds:0.0} a second{(ended ? "" : $"; {(rows is null ? "stopped" : "some stopped")} at {options.MaxNewTokens} tokens (--max-new-tokens)")}"));
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
