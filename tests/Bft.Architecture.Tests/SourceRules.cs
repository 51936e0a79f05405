using System.Text.RegularExpressions;
using Bft.Tests;

namespace Bft.Architecture.Tests;

/// <summary>A source file: path from the checkout with '/', and content.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    /// <summary>Whether it belongs to a library, that is to src/ without the program.</summary>
    public bool IsLibrary => Path.StartsWith("src/", StringComparison.Ordinal) && !Path.StartsWith("src/Bft.Cli/", StringComparison.Ordinal);

    /// <summary>Every C# and F# file of src/ and tests/, build outputs aside.</summary>
    public static IReadOnlyList<SourceFile> All() =>
    [
        .. new[] { "src", "tests" }
            .SelectMany(top => Directory.EnumerateFiles(System.IO.Path.Combine(Checkout.Root, top), "*.*s", SearchOption.AllDirectories))
            .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".fs", StringComparison.Ordinal))
            .Select(path => (Full: path, Path: System.IO.Path.GetRelativePath(Checkout.Root, path).Replace('\\', '/')))
            .Where(file => !file.Path.Split('/').Any(part => part is "bin" or "obj"))
            .Select(file => new SourceFile(file.Path, File.ReadAllText(file.Full))),
    ];
}

/// <summary>What source files may not be or hold. Every rule gives its violations in words.</summary>
internal static partial class SourceRules
{
    private const int LibraryLines = 250;
    private const int ProgramLines = 300;
    private const int TestLines = 400;

    /// <summary>Calls that libraries may not make, with what to use instead.</summary>
    private static readonly (Regex Call, string Instead)[] s_forbidden =
    [
        (ConsoleCall(), "ILogger or IProgress"),
        (Clock(), "TimeProvider"),
        (EnvironmentCall(), "an argument"),
        (UnseededRandom(), "a seed and Numerics/SplitMix64"),
    ];

    /// <summary>Places where a forbidden call is the purpose: the console is kept away from the code of cells.</summary>
    private static readonly (string Path, string Call)[] s_allowed =
        [("src/Bft.Notebooks/Engine/CellSurroundings.cs", "Console."), ("src/Bft.Notebooks/Engine/CellConsole.cs", "Console.")];

    public static IEnumerable<string> Length(SourceFile file)
    {
        var most = file.IsLibrary ? LibraryLines : file.Path.StartsWith("tests/", StringComparison.Ordinal) ? TestLines : ProgramLines;
        var lines = file.Text.AsSpan().TrimEnd('\n').Count('\n') + 1;
        return lines <= most ? [] : [$"{file.Path}: {lines} lines, at most {most}"];
    }

    public static IEnumerable<string> Name(SourceFile file) =>
        file.Path.Split('/').Where(part => Nameless().IsMatch(part)).Select(part => $"{file.Path}: '{part}' says nothing");

    public static IEnumerable<string> Words(SourceFile file) => !file.Path.StartsWith("src/", StringComparison.Ordinal)
        ? []
        : OtherWord().Matches(file.Text).Select(match => $"{file.Path}: {match.Value}: the word is ConfidenceWindow, CompletionsPerPrompt or SequenceWeight");

    public static IEnumerable<string> Calls(SourceFile file) => !file.IsLibrary
        ? []
        : s_forbidden.SelectMany(rule => rule.Call.Matches(file.Text)
            .Where(match => !s_allowed.Contains((file.Path, match.Value)))
            .Select(match => $"{file.Path}: {match.Value}: use {rule.Instead}"));

    /// <summary>Both end the process on an error of libtorch.</summary>
    public static IEnumerable<string> Aborts(SourceFile file) => !file.Path.StartsWith("src/", StringComparison.Ordinal)
        ? []
        : Aborting().Matches(file.Text).Select(match => $"{file.Path}: {match.Value}: use mm, bmm, linear, einsum or backward");

    [GeneratedRegex(@"\bConsole\.")]
    private static partial Regex ConsoleCall();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\bEnvironment\.GetEnvironmentVariables?\b")]
    private static partial Regex EnvironmentCall();

    [GeneratedRegex(@"\b(new Random\(|System\.Random\(|Random\.Shared\b)")]
    private static partial Regex UnseededRandom();

    [GeneratedRegex(@"\.matmul\(|\bautograd\.grad\b")]
    private static partial Regex Aborting();

    [GeneratedRegex(@"(Util|Utils|Utilities|Helper|Helpers|Common)(\.|$)")]
    private static partial Regex Nameless();

    [GeneratedRegex(@"\b(GroupSize|SampleWeights?)\b")]
    private static partial Regex OtherWord();
}
