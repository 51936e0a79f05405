using System.CommandLine;
using Bft.Notebooks.Files;
using Bft.Notebooks.Running;

namespace Bft.Cli;

/// <summary><c>bft notebook check</c> and <c>bft notebook strip</c>: what is looked at before a notebook is committed. Nothing is run.</summary>
internal static class NotebookCheckCommand
{
    /// <summary>The argument of all verbs that take notebooks.</summary>
    public static Argument<string[]> Paths() => new("PATH") { Description = "notebooks, or folders with notebooks", Arity = ArgumentArity.OneOrMore };

    public static Command CreateCheck()
    {
        var paths = Paths();
        var limit = new Option<long>("--max-size") { Description = "what the outputs of one notebook may take, in kilobytes", HelpName = "KB", DefaultValueFactory = _ => new CheckOptions().MaximumOutputBytes / 1000 };
        var command = new Command("check", "Find stale or oversized outputs, absolute paths, keys, parameters that are not literals, pictures without alternative text.") { paths, limit };
        command.SetAction(async (result, _) =>
        {
            var files = NotebookPaths.Expand(result.GetValue(paths)!);
            var options = new CheckOptions { MaximumOutputBytes = result.GetValue(limit) * 1000 };
            var problems = files.SelectMany(path => NotebookChecker.Check(path, options)).ToList();
            foreach (var problem in problems)
                await Console.Error.WriteLineAsync(problem.ToString());
            await Console.Out.WriteLineAsync($"{Count(files.Count, "notebook")}, {Count(problems.Count, "problem")}");
            return problems.Count == 0 ? Verb.Success : Verb.Failure;
        });
        return command;
    }

    public static Command CreateStrip()
    {
        var paths = Paths();
        var command = new Command("strip", "Take outputs, execution counts and injected parameters out of notebooks, in place; everything else stays.") { paths };
        command.SetAction(async (result, _) =>
        {
            foreach (var path in NotebookPaths.Expand(result.GetValue(paths)!))
            {
                var before = await File.ReadAllTextAsync(path);
                var notebook = NotebookFile.Parse(before, path);
                OutputStripper.Strip(notebook);
                if (NotebookFile.Format(notebook) == before)
                    continue;
                NotebookFile.Write(notebook, path);
                await Console.Out.WriteLineAsync(path);
            }

            return Verb.Success;
        });
        return command;
    }

    private static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
