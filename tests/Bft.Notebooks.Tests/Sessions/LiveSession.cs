using Bft.Notebooks.Sessions;
using Bft.Notebooks.Tests.Sessions;

[assembly: AssemblyFixture(typeof(LiveSession))]

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>One session for all tests that do not need a fresh one; starting F# takes seconds.</summary>
public sealed class LiveSession : IAsyncLifetime
{
    private int _cells;

    public static string Folder { get; } = AppContext.BaseDirectory;

    public INotebookSession Session { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Session = await NotebookSession.StartAsync(
            new SessionOptions { WorkingFolder = Folder, ShownAsText = [typeof(TorchSharp.torch.Tensor)] }, CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        Session.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs a cell whose outcome the test looks at.</summary>
    internal async Task<RecordingSink> TryAsync(string code, CancellationToken interrupt = default, RecordingSink? into = null)
    {
        var sink = into ?? new RecordingSink();
        await Session.SubmitAsync(new CellRequest(code, ++_cells), sink, interrupt);
        return sink;
    }

    /// <summary>Runs a cell that must succeed.</summary>
    internal async Task<RecordingSink> RunAsync(string code)
    {
        var sink = await TryAsync(code);
        Assert.True(sink.Error is null, sink.Error is null ? "" : string.Join('\n', sink.Error.Trace));
        return sink;
    }

    /// <summary>Number of the last cell.</summary>
    internal int Last => _cells;
}
