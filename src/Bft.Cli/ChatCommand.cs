using System.CommandLine;
using Bft.Research.Models.Generation;
using static Bft.Cli.RunFileOption;

namespace Bft.Cli;

/// <summary><c>bft chat</c>: talks with a model, a line a turn; also through a pipe.</summary>
internal static class ChatCommand
{
    private const string Commands = "/reset forgets the conversation, /system TEXT begins anew with a system turn, /quit ends";
    private static readonly RunFileArguments<ChatOptions> s_arguments = new([("system", Text("--system", "system turn")), .. SamplingOptions.Named(ChatOptions.DefaultTokens)]);

    public static Command Create()
    {
        var command = new Command("chat", $"Talk with a model through its chat template, a line a turn. {Commands}.");
        s_arguments.AddTo(command);
        return command.Does((result, cancellation) =>
        {
            var options = s_arguments.Read(result);
            using var open = options.Open();
            using var session = new ChatSession(open.Model, open.Tokenizer, open.Template(), options.ToGeneration(open.Ends));
            session.Reset(options.System);
            var prompt = Console.IsInputRedirected ? null : Console.Error;
            prompt?.WriteLine(Commands);
            Talk(session, Console.In, Console.Out, prompt, open.Model.Config.MaxPositions, cancellation);
            return Verb.Success;
        });
    }

    /// <summary>Reads turns until there are no more.</summary>
    /// <param name="session">The conversation.</param>
    /// <param name="input">A turn or a command a line; empty lines are passed over.</param>
    /// <param name="output">Receives answers while they are made.</param>
    /// <param name="prompt">Receives what invites to type and notes; null for nobody.</param>
    /// <param name="positions">Tokens that the model is made for.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    internal static void Talk(ChatSession session, TextReader input, TextWriter output, TextWriter? prompt, int positions, CancellationToken cancellation)
    {
        prompt?.Write("> ");
        while (input.ReadLine() is { } line)
        {
            if (line.Trim() is "/quit" or "/exit")
                return;
            if (line.Trim() == "/reset")
                session.Reset(session.Messages is [{ Role: "system" } system, ..] ? system.Content : null);
            else if (line.StartsWith("/system", StringComparison.Ordinal))
                session.Reset(line["/system".Length..].Trim());
            else if (line.StartsWith('/'))
                throw new InvalidDataException($"'{line.Split(' ')[0]}' is not known: {Commands}.");
            else if (!string.IsNullOrWhiteSpace(line))
                Answer(session, line, output, prompt, positions, cancellation);
            prompt?.Write("> ");
        }
    }

    private static void Answer(ChatSession session, string line, TextWriter output, TextWriter? prompt, int positions, CancellationToken cancellation)
    {
        foreach (var piece in session.Say(line, cancellation))
        {
            output.Write(piece);
            output.Flush();
        }

        output.WriteLine();
        if (session.PromptTokens > positions)
            prompt?.WriteLine($"note: the conversation has {session.PromptTokens} tokens, the model is made for {positions}; /reset begins anew");
    }
}
