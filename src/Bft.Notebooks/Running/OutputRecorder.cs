using System.Text;
using System.Text.Json.Nodes;
using Bft.Notebooks.Files;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Running;

/// <summary>Writes outputs into cells the way Jupyter stores them: neighbouring stream texts merged, an update in the place of what it updates, no times.</summary>
/// <param name="paths">How paths are written.</param>
/// <param name="shown">Told what is recorded; null for nobody.</param>
internal sealed class OutputRecorder(OutputPaths paths, Action<CellOutput>? shown = null) : ICellSink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<JsonObject>> _displays = [];
    private readonly StringBuilder _text = new();
    private NotebookCell? _cell;
    private Action<string>? _tell;
    private string? _stream;

    /// <summary>Later outputs belong to this cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="tell">Told now and then how far long work is; the file does not keep that.</param>
    public void Begin(NotebookCell cell, Action<string>? tell = null)
    {
        lock (_gate)
        {
            (_cell, _tell) = (cell, tell);
            cell.Json["execution_count"] = cell.Number;
        }
    }

    /// <summary>What still comes belongs to no cell and is dropped.</summary>
    public void End()
    {
        lock (_gate)
        {
            FlushStream();
            _cell = null;
        }
    }

    public string? Read(string prompt, bool secret) => null;

    public void Receive(CellOutput output)
    {
        lock (_gate)
        {
            if (_cell is null)
                return;
            if (output is not ProgressOutput)
                shown?.Invoke(output);
            if (output is StreamOutput stream)
            {
                var name = stream.IsError ? "stderr" : "stdout";
                if (_stream != name)
                    FlushStream();
                _stream = name;
                _text.Append(stream.Text);
                return;
            }

            if (output is ProgressOutput progress)
            {
                _tell?.Invoke(progress.Text);
                return;
            }

            FlushStream();
            Record(output);
        }
    }

    private void Record(CellOutput output)
    {
        switch (output)
        {
            case DisplayOutput shown:
                var display = new JsonObject { ["data"] = Bundle(shown.Data), ["metadata"] = new JsonObject(), ["output_type"] = "display_data" };
                if (!_displays.TryAdd(shown.DisplayId, [display]))
                    _displays[shown.DisplayId].Add(display);
                _cell!.Outputs.Add(display);
                break;
            case UpdateOutput update when _displays.TryGetValue(update.DisplayId, out var targets):
                foreach (var target in targets)
                    target["data"] = Bundle(update.Data);
                break;
            case ResultOutput result:
                _cell!.Outputs.Add(new JsonObject
                {
                    ["data"] = Bundle(result.Data),
                    ["execution_count"] = _cell.Number,
                    ["metadata"] = new JsonObject(),
                    ["output_type"] = "execute_result",
                });
                break;
            case ErrorOutput { Error: var error }:
                _cell!.Outputs.Add(new JsonObject
                {
                    ["ename"] = error.Name,
                    ["evalue"] = paths.Relative(error.Message),
                    ["output_type"] = "error",
                    ["traceback"] = new JsonArray([.. error.Trace.Select(line => (JsonNode)paths.Relative(line))]),
                });
                break;
        }
    }

    private void FlushStream()
    {
        if (_text.Length > 0)
            _cell?.Outputs.Add(new JsonObject { ["name"] = _stream, ["output_type"] = "stream", ["text"] = paths.Relative(_text.ToString()) });
        _text.Clear();
        _stream = null;
    }

    private JsonObject Bundle(IReadOnlyDictionary<string, JsonNode> data) =>
        new(data.Select(entry => KeyValuePair.Create(entry.Key, IsBinary(entry.Key) ? entry.Value.DeepClone() : paths.Relative(entry.Value))));

    /// <summary>True for forms that are base64, not text.</summary>
    public static bool IsBinary(string mimeType) => mimeType.StartsWith("image/", StringComparison.Ordinal) && mimeType != "image/svg+xml";
}
