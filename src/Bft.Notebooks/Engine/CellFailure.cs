using System.Text.RegularExpressions;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>Makes errors readable: positions in the cell, frames of the engine and paths of the build machine cut.</summary>
internal static partial class CellFailure
{
    private static readonly string[] s_engineFrames =
    [
        "Microsoft.CodeAnalysis.Scripting.", "Microsoft.DotNet.Interactive.", "Bft.Notebooks.Engine.", "FSharp.Compiler.", "System.Runtime.ControlledExecution",
        "System.Reflection.MethodBaseInvoker.", "System.Reflection.RuntimeMethodInfo.", "System.RuntimeMethodHandle.", "System.Threading.ExecutionContext.",
        "System.Runtime.CompilerServices.TaskAwaiter", "System.Runtime.ExceptionServices.",
        "<StartupCode$FSI_", "InvokeStub_",
    ];

    /// <summary>Name of a cell's source in compilers and stack traces.</summary>
    public static string SourceName(int number) => $"cell{number}";

    /// <summary>An error of code that ran.</summary>
    public static CellError FromException(Exception exception, int number)
    {
        var trace = new List<string> { $"{exception.GetType().FullName}: {exception.Message}" };
        int? line = null;
        AddFrames(exception);
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            trace.Add($"caused by {inner.GetType().FullName}: {inner.Message}");
            AddFrames(inner);
        }

        return new CellError(exception.GetType().FullName!, exception.Message, trace, line);

        void AddFrames(Exception e)
        {
            foreach (var frame in (e.StackTrace ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                if (Frame().Match(frame) is { Success: true } match && (CellFile().IsMatch(Path.GetFileName(match.Groups["file"].Value)) || !IsEngine(match.Groups["method"].Value)))
                    trace.Add(Describe(match));
        }

        string Describe(Match frame)
        {
            var method = Owner().Replace(frame.Groups["method"].Value, "");
            if (!frame.Groups["file"].Success)
                return $"   at {method}";
            var file = Path.GetFileName(frame.Groups["file"].Value);
            if (CellFile().Match(file) is not { Success: true } cell)
                return $"   at {method} in {file}:line {frame.Groups["line"].Value}";
            if (cell.Groups["number"].Value == $"{number}")
                line ??= int.Parse(frame.Groups["line"].Value, System.Globalization.CultureInfo.InvariantCulture);
            var place = $"cell {cell.Groups["number"].Value}, line {frame.Groups["line"].Value}";
            return Entry().IsMatch(method) ? $"   at {place}" : $"   at {method}, {place}";
        }
    }

    /// <summary>An error of code that a cell, this or an earlier one, started on another thread.</summary>
    public static CellError FromStray(Exception exception, int number)
    {
        var error = FromException(exception, number);
        return error with { Trace = [.. error.Trace, "on a thread that a cell started"] };
    }

    /// <summary>True for what <see cref="SourceName"/> gives.</summary>
    public static bool IsCell(string sourceName) => CellFile().IsMatch(sourceName);

    private static bool IsEngine(string method) => s_engineFrames.Any(prefix => method.StartsWith(prefix, StringComparison.Ordinal));

    [GeneratedRegex(@"^at (?<method>.+?)( in (?<file>.+):line (?<line>\d+))?$")]
    private static partial Regex Frame();

    [GeneratedRegex(@"^cell(?<number>\d+)(\.fsx)?$")]
    private static partial Regex CellFile();

    [GeneratedRegex(@"^(Submission#\d+|FSI_\d+)\.")]
    private static partial Regex Owner();

    [GeneratedRegex(@"^(<<Initialize>>|<Initialize>|<StartupCode\$|main@)")]
    private static partial Regex Entry();
}
