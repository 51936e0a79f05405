using System.Diagnostics;
using System.Globalization;
using Bft.Notebooks.Files;
using Bft.Notebooks.Running;

namespace Bft.Cli;

/// <summary>Runs a notebook in a process of its own, so that a cell that ends the process (stack overflow, <c>Environment.Exit</c>, a crash of native code) is reported.</summary>
internal static class NotebookProcess
{
    /// <summary>Hidden option of the child: the file in which it notes the cells that have ended, and at last that the run has.</summary>
    public const string NotesOption = "--notes";

    private const string Done = "done";

    /// <summary>Runs the same verb again in a child, with its console, and returns its exit code; says which cell ended it when it did not end by itself.</summary>
    /// <param name="path">The notebook.</param>
    /// <param name="arguments">All arguments of this process.</param>
    /// <param name="cancellationToken">Ends the child; an interrupt from the keyboard reaches it anyhow.</param>
    public static async Task<int> RunAsync(string path, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var notes = Path.GetTempFileName();
        try
        {
            var program = typeof(NotebookProcess).Assembly.Location; // empty when the program is one file
            string[] command = [.. arguments, NotesOption, notes];
            using var child = Process.Start(program.Length > 0 ? new ProcessStartInfo(DotNet, [program, .. command]) : new ProcessStartInfo(Environment.ProcessPath!, command))!;
            await WaitAsync(child, cancellationToken);
            if (File.ReadLines(notes).LastOrDefault() == Done)
                return child.ExitCode;
            await Console.Error.WriteLineAsync(Describe(path, notes, child.ExitCode));
            return Verb.Failure;
        }
        finally
        {
            File.Delete(notes);
        }
    }

    /// <summary>For the child: notes the cells that have ended.</summary>
    public static IProgress<CellProgress> Note(string notes, IProgress<CellProgress> also) => new Notes(notes, also);

    /// <summary>For the child: the run has ended, whatever it found.</summary>
    public static void NoteDone(string notes) => File.AppendAllText(notes, Done + "\n");

    private static string DotNet => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    private static async Task WaitAsync(Process child, CancellationToken cancellationToken)
    {
        try
        {
            await child.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15)); // the child interrupts its cell and writes its report
            try
            {
                await child.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                child.Kill(entireProcessTree: true);
                await child.WaitForExitAsync(CancellationToken.None);
            }

            if (child.ExitCode is not (Verb.Success or Verb.Failure or Verb.WrongInput or Verb.Cancelled))
                throw;
        }
    }

    private static string Describe(string path, string notes, int exitCode)
    {
        var ended = File.ReadLines(notes).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).LastOrDefault();
        var cell = NotebookFile.Read(path).Cells.FirstOrDefault(cell => cell.Kind == CellKind.Code && cell.Number > ended && !string.IsNullOrWhiteSpace(cell.Source));
        var where = cell is null ? "the run" : $"cell {cell.Number} (position {cell.Position})";
        return $"{path}: {where} ended the process: exit code {exitCode}{Meaning(exitCode)}. Nothing was written.";
    }

    private static string Meaning(int exitCode) => exitCode switch
    {
        134 => " (abort: stack overflow, Environment.FailFast, or a failure in native code; see above)",
        137 => " (killed: the system may be out of memory)",
        139 => " (segmentation fault in native code)",
        < 128 => " (Environment.Exit)",
        _ => $" (signal {exitCode - 128})",
    };

    private sealed class Notes(string file, IProgress<CellProgress> also) : IProgress<CellProgress>
    {
        public void Report(CellProgress value)
        {
            File.AppendAllText(file, value.Number.ToString(CultureInfo.InvariantCulture) + "\n");
            also.Report(value);
        }
    }
}
