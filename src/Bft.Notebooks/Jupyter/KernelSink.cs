using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Jupyter;

/// <summary>Sends what a cell shows to the iopub channel.</summary>
/// <param name="outputs">The channel.</param>
/// <param name="parent">Raw header of the request that runs the cell.</param>
/// <param name="number">Execution count of the cell.</param>
/// <param name="ask">Asks the reader; null when the request does not allow it.</param>
internal sealed class KernelSink(OutputChannel outputs, byte[] parent, int number, Func<string, bool, string>? ask) : ICellSink
{
    public string? Read(string prompt, bool secret) => ask?.Invoke(prompt, secret);

    public void Receive(CellOutput output)
    {
        switch (output)
        {
            case StreamOutput stream:
                outputs.Write(stream.IsError, parent, stream.Text);
                break;
            case DisplayOutput shown:
                outputs.Publish("display_data", parent, Shown(shown.Data, shown.DisplayId));
                break;
            case UpdateOutput update:
                outputs.Publish("update_display_data", parent, Shown(update.Data, update.DisplayId));
                break;
            case ResultOutput result:
                outputs.Publish("execute_result", parent, new JsonObject
                {
                    ["execution_count"] = number,
                    ["data"] = Bundle(result.Data),
                    ["metadata"] = new JsonObject(),
                });
                break;
            case ErrorOutput { Error: var error }:
                outputs.Publish("error", parent, Failure(error));
                break;
            case TimeOutput time:
                outputs.Write(false, parent, FormattableString.Invariant($"Wall time: {time.Elapsed.TotalMilliseconds:0.0} ms\n"));
                break;
        }
    }

    /// <summary>The fields of an error, as in an output and in a reply.</summary>
    public static JsonObject Failure(CellError error) => new()
    {
        ["ename"] = error.Name,
        ["evalue"] = error.Message,
        ["traceback"] = new JsonArray([.. error.Trace.Select(line => (JsonNode)line)]),
    };

    private static JsonObject Shown(IReadOnlyDictionary<string, JsonNode> data, string displayId) => new()
    {
        ["data"] = Bundle(data),
        ["metadata"] = new JsonObject(),
        ["transient"] = new JsonObject { ["display_id"] = displayId },
    };

    private static JsonObject Bundle(IReadOnlyDictionary<string, JsonNode> data) =>
        new(data.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value.DeepClone())));
}
