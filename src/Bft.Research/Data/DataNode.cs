using System.Text.Json;

namespace Bft.Research.Data;

/// <summary>A value inside a row of a data file, with what an error needs to name it.</summary>
internal readonly record struct DataNode(string Row, string Field, JsonElement Value)
{
    /// <summary>Whether an object has a field that is not null.</summary>
    public bool Has(string name) => Value.ValueKind == JsonValueKind.Object && Value.TryGetProperty(name, out var child) && child.ValueKind != JsonValueKind.Null;

    /// <summary>Whether this is a list that holds something.</summary>
    public bool IsFilledList => Value.ValueKind == JsonValueKind.Array && Value.GetArrayLength() > 0;

    public DataNode Required(string name)
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw Wrong("an object");
        if (!Value.TryGetProperty(name, out var child))
            throw new DataFileException(DataProblem.MissingField, Row, Join(name), "a value", $"none; fields: {Names()}");
        return child.ValueKind != JsonValueKind.Null ? new(Row, Join(name), child) : throw new DataFileException(DataProblem.WrongType, Row, Join(name), "a value", "null");
    }

    public DataNode? Optional(string name) => Has(name) ? Required(name) : null;

    public string? OptionalText(string name) => Optional(name)?.Text();

    /// <summary>The text of a string.</summary>
    /// <exception cref="DataFileException">It is something else, or holds half of a surrogate pair.</exception>
    public string Text()
    {
        if (Value.ValueKind != JsonValueKind.String)
            throw Wrong("text");
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new DataFileException(DataProblem.BrokenText, Row, Field, "whole characters", "half of a surrogate pair");
        }
    }

    public IEnumerable<DataNode> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
            throw Wrong("a list");
        var at = 0;
        foreach (var item in Value.EnumerateArray())
            yield return new(Row, $"{Field}[{at++}]", item);
    }

    /// <summary>The fields of an object in words.</summary>
    public string Names()
    {
        if (Value.ValueKind != JsonValueKind.Object)
            return Kind();
        try
        {
            return string.Join(", ", Value.EnumerateObject().Select(member => member.Name)) is { Length: > 0 } names ? names : "none at all";
        }
        catch (InvalidOperationException)
        {
            return "unreadable: a name holds half of a surrogate pair";
        }
    }

    public DataFileException Wrong(string expected) => new(DataProblem.WrongType, Row, Field.Length == 0 ? "row" : Field, expected, Kind());

    private string Kind() => Value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "text",
        JsonValueKind.Number => $"the number {Value.GetRawText()}",
        JsonValueKind.Null => "null",
        _ => Value.GetRawText(),
    };

    private string Join(string name) => Field.Length == 0 ? name : $"{Field}.{name}";
}
