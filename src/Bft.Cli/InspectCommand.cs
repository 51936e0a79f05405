using System.CommandLine;

namespace Bft.Cli;

/// <summary><c>bft inspect</c>: looks into what training reads and writes.</summary>
internal static class InspectCommand
{
    public static Command Create() => new("inspect", "Look into rows before they are trained on, and into models, adapters, checkpoints and runs.")
    {
        InspectRowsCommand.Create(),
        InspectModelCommand.Create(),
    };
}
