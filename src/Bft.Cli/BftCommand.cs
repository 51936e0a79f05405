using System.CommandLine;

namespace Bft.Cli;

/// <summary>The root command. Each verb is a class with a static <c>Create</c>.</summary>
internal static class BftCommand
{
    public static RootCommand Create() => new("Balanced Fine-Tuning: train, verify, reproduce.")
    {
        GpuCommand.Create(),
        VerifyCommand.Create(),
        ConvertCommand.Create(),
        MergeCommand.Create(),
        WorldCommand.Create(),
        TrainCommand.Create(),
        EvalCommand.Create(),
        GenerateCommand.Create(),
        ChatCommand.Create(),
        DataCommand.Create(),
        InspectCommand.Create(),
        NotebookCommand.Create(),
        ReproduceCommand.Create(),
    };
}
