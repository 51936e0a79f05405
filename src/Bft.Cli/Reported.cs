using System.Text.Json;
using Bft.Research.Checkpoints;
using Bft.Research.Data;
using Bft.Research.Tokenization;
using Bft.Research.Training;

namespace Bft.Cli;

/// <summary>Runs a verb so that what a user can mend ends in one line on standard error and an exit code, not in a stack trace.</summary>
internal static class Reported
{
    /// <summary>The verb's own code; 1 when training stopped, 2 for wrong input, 130 when cancelled.</summary>
    public static int Run(string verb, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (OperationCanceledException)
        {
            return Complain(verb, "cancelled.", 130);
        }
        catch (TrainingStoppedException e)
        {
            return Complain(verb, e.Message, 1);
        }
        catch (Exception e) when (e is CheckpointException or DataFileException or TokenizerException or ArgumentException or InvalidDataException
            or IOException or UnauthorizedAccessException or JsonException)
        {
            return Complain(verb, e.Message, 2);
        }
    }

    private static int Complain(string verb, string message, int code)
    {
        Console.Error.WriteLine($"bft {verb}: {message}");
        return code;
    }
}
