using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>What a cell finds in the process while it runs: the notebook's folder as current folder, the front end as standard input.</summary>
internal sealed class CellSurroundings : IDisposable
{
    private readonly string _folder = Environment.CurrentDirectory;
    private readonly TextReader _input = Console.In;
    private int _left;

    public CellSurroundings(string folder, ICellSink sink)
    {
        Environment.CurrentDirectory = folder;
        Console.SetIn(new SinkReader(sink));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 1)
            return;
        Console.SetIn(_input);
        if (Directory.Exists(_folder))
            Environment.CurrentDirectory = _folder;
    }

    private sealed class SinkReader(ICellSink sink) : TextReader
    {
        public override string? ReadLine() => sink.Read("", secret: false);

        public override int Read() => -1;

        public override int Peek() => -1;
    }
}
