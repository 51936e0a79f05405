using System.Diagnostics;

namespace Bft.Cli.Tests;

/// <summary>Runs <c>bft</c>, in this process or in its own.</summary>
internal static class CommandLine
{
    /// <summary>Runs in this process; fast, but exit code and message are what the entry point would be given.</summary>
    public static async Task<Outcome> RunAsync(params string[] args)
    {
        var error = new StringWriter();
        return new(await Verb.RunAsync(args, error), "", error.ToString());
    }

    /// <summary>Starts the built program as a user does.</summary>
    public static Outcome Start(string folder, params string[] args) => Start(folder, args, "");

    /// <summary>Starts the built program and types into it.</summary>
    public static Outcome Start(string folder, string[] args, string input) =>
        Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "bft.dll"), .. args]) { WorkingDirectory = folder }, input);

    /// <summary>Starts any program, types into it, and waits for its end.</summary>
    public static Outcome Start(ProcessStartInfo start, string input)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }
}

/// <summary>What a run ended with.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Output">Standard output, where it was captured.</param>
/// <param name="Error">Standard error; of a run in this process the final message only.</param>
internal sealed record Outcome(int Code, string Output, string Error)
{
    /// <summary>Asserts exit code 2 and one message of one line, without stack trace, that holds every part.</summary>
    public void IsOneClearError(params string[] parts)
    {
        Assert.True(Code == Verb.WrongInput, $"exit code {Code}: {Error}");
        var message = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("bft", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
