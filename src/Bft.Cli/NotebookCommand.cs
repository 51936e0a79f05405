using System.CommandLine;

namespace Bft.Cli;

/// <summary><c>bft notebook</c>: everything that is done with notebooks.</summary>
internal static class NotebookCommand
{
    public static Command Create() => new("notebook", "Make, run, check and export notebooks (.ipynb), serve them to Jupyter.")
    {
        NotebookNewCommand.Create(), NotebookRunCommand.Create(), NotebookRunCommand.CreateWorker(), NotebookCheckCommand.CreateCheck(), NotebookCheckCommand.CreateStrip(), NotebookFiguresCommand.Create(),
        NotebookKernelCommand.CreateInstall(), NotebookKernelCommand.CreateUninstall(), NotebookKernelCommand.CreateKernel(),
    };
}
