using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Running;

/// <summary>What a worker process tells the process that started it: how far it is and what cells show, then how the run ended. One line of standard output each.</summary>
internal sealed record WorkerEvent
{
    /// <summary>Stands before an event: native code may write to standard output too, even without a line end.</summary>
    private const char Mark = '\u001e';

    private static readonly JsonSerializerOptions s_json = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NameOutputs } } };

    /// <summary>A cell begins or has succeeded.</summary>
    public CellProgress? Cell { get; init; }

    /// <summary>The running cell shows this.</summary>
    public CellOutput? Output { get; init; }

    /// <summary>The running cell comes to the statement in this line.</summary>
    public int? Line { get; init; }

    /// <summary>The end.</summary>
    public RunReport? Report { get; init; }

    /// <summary>The event as a line.</summary>
    public string ToLine() => Mark + JsonSerializer.Serialize(this, s_json);

    /// <summary>The event in a line; null when it holds none.</summary>
    public static WorkerEvent? FromLine(string line) =>
        line.IndexOf(Mark) is >= 0 and var at ? JsonSerializer.Deserialize<WorkerEvent>(line.AsSpan(at + 1), s_json) : null;

    private static void NameOutputs(JsonTypeInfo type)
    {
        if (type.Type != typeof(CellOutput))
            return;
        type.PolymorphismOptions = new();
        foreach (var kind in (Type[])[typeof(StreamOutput), typeof(DisplayOutput), typeof(UpdateOutput), typeof(ResultOutput), typeof(ErrorOutput), typeof(TimeOutput)])
            type.PolymorphismOptions.DerivedTypes.Add(new(kind, kind.Name));
    }
}
