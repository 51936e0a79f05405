using System.Text.Json;
using Bft.Notebooks.Running;

namespace Bft.Notebooks.Tests.Running;

/// <summary>A worker that does not keep to what is agreed.</summary>
public class NotebookBatchTests
{
    [Fact]
    public async Task A_worker_whose_events_cannot_be_read_is_ended()
    {
        using var notebook = new TestNotebook("1");
        // the wrong variant: the worker fills the pipe that nobody reads, and is waited for without end
        var options = new BatchOptions { Worker = ["/bin/sh", "-c", "printf '\\036{\\n'; while read line; do :; done; exec 0<&-; sleep 0.2; exit 3"] };
        await Assert.ThrowsAsync<JsonException>(() => NotebookBatch.RunAsync([new BatchItem(notebook.Path, null)], options, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)));
    }
}
