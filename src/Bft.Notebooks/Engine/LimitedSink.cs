using System.Text.Json.Nodes;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>Lets through what one cell may show; what comes after is dropped, with one line that says so. An error always passes.</summary>
/// <remarks>A cell that prints or displays in a loop would otherwise fill the memory of kernel and front end, or write a file that nothing opens.</remarks>
internal sealed class LimitedSink(ICellSink sink, OutputLimits limits) : ICellSink
{
    private long _text;
    private long _data;
    private int _outputs;

    public string? Read(string prompt, bool secret) => sink.Read(prompt, secret);

    public void Receive(CellOutput output)
    {
        switch (output)
        {
            case StreamOutput stream:
                Write(stream);
                break;
            case DisplayOutput { Data: var data } when !HasRoom(data, Interlocked.Increment(ref _outputs)):
            case UpdateOutput { Data: var update } when !HasRoom(update, 0):
                break;
            default:
                sink.Receive(output);
                break;
        }
    }

    private void Write(StreamOutput stream)
    {
        var length = stream.Text.Length;
        var before = Interlocked.Add(ref _text, length) - length;
        if (before > limits.Text || length == 0)
            return;
        if (before < limits.Text)
            sink.Receive(before + length <= limits.Text ? stream : stream with { Text = stream.Text[..(int)(limits.Text - before)] });
        if (before + length > limits.Text)
            Say("printed", limits.Text, "characters");
    }

    private bool HasRoom(IReadOnlyDictionary<string, JsonNode> data, int number)
    {
        var size = data.Values.Sum(Size);
        var before = Interlocked.Add(ref _data, size) - size;
        if (number <= limits.Outputs && before + size <= limits.Data)
            return true;
        if (number == limits.Outputs + 1)
            Say("shown", limits.Outputs, "outputs");
        if (before <= limits.Data && before + size > limits.Data)
            Say("shown", limits.Data, "characters of data");
        return false;
    }

    private static long Size(JsonNode node) => node is JsonValue value && value.TryGetValue(out string? text) ? text.Length : node.ToJsonString().Length;

    private void Say(string done, int limit, string what) =>
        sink.Receive(new StreamOutput(true, FormattableString.Invariant($"\nThe cell has {done} {limit:N0} {what}; what follows is dropped.\n")));
}
