using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using System.Text.Json;
using Bft.Notebooks.Files;
using Bft.Notebooks.Jupyter;
using Bft.Notebooks.Running;
using Bft.Research.Checkpoints;
using Bft.Research.Data;
using Bft.Research.Data.Sources;
using Bft.Research.Models;
using Bft.Research.Tokenization;
using Bft.Research.Training;
using Bft.Research.World;
using Bft.Results;

namespace Bft.Cli;

/// <summary>Runs a verb so that what a user can mend ends in one line on standard error and an exit code, not in a stack trace.</summary>
/// <remarks>The only place that turns exceptions into messages and exit codes; verbs throw.</remarks>
internal static class Verb
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>The run itself failed: a case, a cell, a check, a download, a training that had to stop.</summary>
    public const int Failure = 1;

    /// <summary>Options, files or folders are not what they have to be; nothing was written.</summary>
    public const int WrongInput = 2;

    /// <summary>There is no GPU to use; all that was run on the CPU instead went well (<c>bft gpu</c>).</summary>
    public const int NoGpu = 3;

    /// <summary>A defect of this program: the only outcome that shows a stack trace.</summary>
    public const int Defect = 70;

    /// <summary>Stopped by the user.</summary>
    public const int Cancelled = 130;

    /// <summary>How long a verb may take to stop after an interrupt: an optimiser step of a large model.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Parses and runs.</summary>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="error">Receives the message; null for standard error.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter? error = null)
    {
        var parsed = BftCommand.Create().Parse(args.Count == 0 ? ["--help"] : args);
        InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = s_patience };
        if (error is not null)
            configuration.Error = error;
        try
        {
            if (parsed.Action is ParseErrorAction)
                throw new InvalidDataException(Wrong(parsed));
            return await parsed.InvokeAsync(configuration);
        }
        catch (Exception e)
        {
            var (code, message) = Judge(e);
            await configuration.Error.WriteLineAsync($"{Name(parsed.CommandResult)}: {message}");
            return code;
        }
    }

    /// <summary>What is wrong with the arguments, in one line: the option, and for an unknown one the nearest that exists.</summary>
    private static string Wrong(ParseResult parsed)
    {
        var error = parsed.Errors[0];
        var message = string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var unknown = parsed.UnmatchedTokens.FirstOrDefault();
        var known = unknown?.StartsWith('-') == true ? parsed.CommandResult.Command.Options.Select(o => o.Name) : parsed.CommandResult.Command.Subcommands.Select(c => c.Name);
        if (unknown is not null && OptionNames.Nearest(unknown, known) is { } nearest)
            return $"'{unknown}' is not known; the nearest is '{nearest}'.";
        if (error.SymbolResult is OptionResult { Option: var given, Tokens: [.., var value] } && message.StartsWith("Cannot parse argument", StringComparison.Ordinal))
            return $"{given.Name}: expected {Expected(Nullable.GetUnderlyingType(given.ValueType) ?? given.ValueType)}, actual '{value.Value}'.";
        if (error.SymbolResult is ArgumentResult { Argument.Name: var missing, Tokens.Count: 0 })
            return $"{missing} is missing; --help says what it is.";
        return error.SymbolResult is OptionResult option && !message.Contains(option.Option.Name, StringComparison.Ordinal) ? $"{option.Option.Name}: {message}" : message;
    }

    private static string Expected(Type type) => type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}" : type == typeof(double) ? "a number" : type == typeof(ulong) ? "a whole number of at least 0" : "a whole number";

    /// <summary>Gives a command its body. The body keeps a thread of its own, so that an interrupt reaches it through the token.</summary>
    public static Command Does(this Command command, Func<ParseResult, CancellationToken, int> body)
    {
        command.SetAction((result, cancellation) => Task.Run(() => body(result, cancellation), cancellation));
        return command;
    }

    /// <summary>What an error means to who called: exit code and message.</summary>
    internal static (int Code, string Message) Judge(Exception e) => e switch
    {
        TrainingCancelledException cancelled => (Cancelled, $"{e.Message}; go on with: bft train --resume {CheckpointFolder.RunOf(cancelled.Checkpoint)}"),
        OperationCanceledException => (Cancelled, "cancelled."),
        TrainingStoppedException { Cause: StopCause.OutOfMemory, Checkpoint: { } last } =>
            (Failure, $"{e.Message}; go on in less memory with: bft train --resume {CheckpointFolder.RunOf(last)} --allow-rounding and a smaller rowsPerMicroBatch with more accumulation, gradientCheckpointing, or a smaller head."),
        TrainingStoppedException or UntrainedAdapterException or MergeDriftException or DownloadException or HttpRequestException => (Failure, e.Message),
        ResumeRefusedException { OnlyRounds: true } => (WrongInput, $"{e.Message} (--allow-rounding)"),
        CheckpointException or ResumeRefusedException or DataFileException or TokenizerException or TemplateException or WorldDataException or NotebookFormatException
            or NotebookParameterException or ConnectionFileException or ResultsFormatException or JsonException => (WrongInput, e.Message),
        ArgumentException { ParamName: { } name } => (WrongInput, e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)),
        ArgumentException or InvalidDataException or IOException or UnauthorizedAccessException => (WrongInput, e.Message),
        DllNotFoundException => (Failure, e.Message),
        ExternalException => (Failure, $"libtorch: {e.Message.Split('\n')[0]}"),
        _ => (Defect, $"a defect of this program: {e}"),
    };

    private static string Name(CommandResult result) => result.Parent is CommandResult parent ? $"{Name(parent)} {result.Command.Name}" : "bft";
}
