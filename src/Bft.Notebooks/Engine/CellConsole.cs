using System.Text;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>The console while a cell runs: what is written goes to the cell that the writing code belongs to.</summary>
/// <remarks>
/// The package keeps every write of a cell in memory until the cell has ended; a cell that prints in a loop would fill it. This one keeps nothing.
/// </remarks>
internal sealed class CellConsole : IDisposable
{
    private static readonly Writer s_output = new(false);
    private static readonly Writer s_error = new(true);
    private readonly TextWriter _output = Console.Out;
    private readonly TextWriter _error = Console.Error;

    public CellConsole()
    {
        Console.SetOut(s_output);
        Console.SetError(s_error);
    }

    public void Dispose()
    {
        Console.SetOut(_output);
        Console.SetError(_error);
    }

    private sealed class Writer(bool isError) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override string NewLine => "\n";

        public override void Write(char value) => Write(value.ToString());

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

        public override void Write(string? value)
        {
            if (!string.IsNullOrEmpty(value))
                CellScope.Current?.Show(new StreamOutput(isError, value.Contains('\r') ? value.ReplaceLineEndings("\n") : value));
        }

        public override void WriteLine() => Write("\n");

        public override void WriteLine(string? value) => Write(value + "\n");

        public override void WriteLine(ReadOnlySpan<char> buffer) => Write(string.Concat(buffer, "\n"));

        public override Task WriteAsync(string? value)
        {
            Write(value);
            return Task.CompletedTask;
        }

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            return Task.CompletedTask;
        }
    }
}
