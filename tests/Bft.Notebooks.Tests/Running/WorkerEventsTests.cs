using System.Text.Json.Nodes;
using Bft.Notebooks.Running;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Running;

/// <summary>What the process of a notebook tells arrives as it was said, at once, and in pieces when a cell prints without end.</summary>
public class WorkerEventsTests
{
    private readonly StringWriter _lines = new() { NewLine = "\n" };

    private List<WorkerEvent> Told => [.. _lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => WorkerEvent.FromLine(line)!)];

    [Fact]
    public void Every_kind_of_output_arrives_as_it_was()
    {
        var data = new Dictionary<string, JsonNode> { ["application/json"] = JsonNode.Parse("""{"a":[1,null]}""")!, ["text/plain"] = JsonValue.Create("a\n\u001eb")! };
        CellOutput[] outputs =
        [
            new StreamOutput(true, "warn\n"), new DisplayOutput(data, "d1"), new UpdateOutput(data, "d1"), new ResultOutput(data),
            new ErrorOutput(new CellError("E", "m", ["t"], 3)), new TimeOutput(TimeSpan.FromSeconds(2)),
        ];
        var events = new WorkerEvents(_lines);
        events.Report(new CellProgress(1, 2, 3, null));
        Array.ForEach(outputs, events.Show);
        Assert.Equal(outputs.Select(Text), Told[1..].Select(told => Text(told.Output!)));
        Assert.NotEqual(Text(outputs[1]), Text(outputs[2]));
        Assert.Null(WorkerEvent.FromLine("printed by native code"));
    }

    [Fact]
    public void What_is_printed_first_is_told_at_once_and_all_of_it_in_the_end()
    {
        const int Count = 200_000;
        var events = new WorkerEvents(_lines);
        events.Report(new CellProgress(1, 1, 1, null));
        events.Show(new StreamOutput(false, "a"));
        Assert.Equal("a", Assert.IsType<StreamOutput>(Told[^1].Output).Text); // the wrong variant waits for more, and a process that dies takes it along
        for (var i = 0; i < Count; i++)
            events.Show(new StreamOutput(false, "x"));
        events.Show(new StreamOutput(true, "e"));
        events.Report(new CellProgress(1, 1, 1, TimeSpan.Zero));
        var streams = Told.Select(told => told.Output).OfType<StreamOutput>().ToList();
        Assert.Equal("a" + new string('x', Count) + "e", string.Concat(streams.Select(stream => stream.Text)));
        Assert.True(streams[^1].IsError);
        Assert.True(streams.Count < Count / 2);
    }

    [Fact]
    public void A_line_is_told_while_the_cell_runs()
    {
        var events = new WorkerEvents(_lines);
        events.Reach(1);
        events.Report(new CellProgress(1, 1, 1, null));
        events.Reach(2);
        events.Report(new CellProgress(1, 1, 1, null, "half"));
        events.Reach(3);
        events.Report(new CellProgress(1, 1, 1, TimeSpan.Zero));
        events.Reach(4);
        events.End(new RunReport("f", [], TimeSpan.Zero, null));
        Assert.Equal([2, 3], Told.Select(told => told.Line).OfType<int>());
        Assert.Equal("f", Told[^1].Report!.File);
    }

    private static string Text(CellOutput output) => output switch
    {
        DisplayOutput shown => $"display {shown.DisplayId} {Text(shown.Data)}",
        UpdateOutput update => $"update {update.DisplayId} {Text(update.Data)}",
        ResultOutput result => $"result {Text(result.Data)}",
        ErrorOutput { Error: var error } => $"{error.Name} {error.Message} {string.Join('|', error.Trace)} {error.Line}",
        _ => output.ToString(),
    };

    private static string Text(IReadOnlyDictionary<string, JsonNode> data) => string.Join(';', data.Select(form => $"{form.Key}={form.Value.ToJsonString()}"));
}
