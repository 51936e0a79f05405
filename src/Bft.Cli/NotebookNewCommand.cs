using System.CommandLine;
using Bft.Notebooks.Files;

namespace Bft.Cli;

/// <summary><c>bft notebook new</c>: a notebook to start from.</summary>
internal static class NotebookNewCommand
{
    private const string Ending = ".ipynb";

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "the new notebook; nothing is overwritten" };
        var claim = new Option<string>("--claim") { Description = "title: a sentence that the notebook can show to be false", DefaultValueFactory = _ => "The second method ends with the lower loss" };
        var command = new Command("new", "Write a notebook with claim, setup, parameters, a figure and a verdict. It passes 'check' and runs as it is.") { file, claim };
        command.SetAction(async (result, _) =>
        {
            var path = result.GetValue(file)!;
            if (!path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
                throw new ArgumentException($"{path}: expected a name that ends in {Ending}.");
            if (File.Exists(path))
                throw new ArgumentException($"{path}: exists already.");
            if (result.GetValue(claim)!.AsSpan().IndexOfAny('\n', '\r') >= 0 || string.IsNullOrWhiteSpace(result.GetValue(claim)))
                throw new ArgumentException("--claim: expected one line of text.");
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            NotebookFile.Write(NotebookTemplate.Create(result.GetValue(claim)!), path);
            await Console.Out.WriteLineAsync(path);
            return Verb.Success;
        });
        return command;
    }
}
