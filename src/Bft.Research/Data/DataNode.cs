using System.Text.Json;

namespace Bft.Research.Data;

/// <summary>A value inside a row of a data file, with what an error needs to name it.</summary>
internal readonly record struct DataNode(string Row, string Field, JsonElement Value)
{
    public bool Has(string name) => Value.ValueKind == JsonValueKind.Object && Value.TryGetProperty(name, out var child) && child.ValueKind != JsonValueKind.Null;

    public DataNode Required(string name)
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw Wrong("an object");
        return Has(name)
            ? new(Row, Join(name), Value.GetProperty(name))
            : throw new DataFileException(DataProblem.MissingField, Row, Join(name), "a value", $"nothing; the fields are {Names()}");
    }

    public string? OptionalText(string name) => Has(name) ? Required(name).Text() : null;

    public string Text() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw Wrong("text");

    public IEnumerable<DataNode> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
            throw Wrong("a list");
        var at = 0;
        foreach (var item in Value.EnumerateArray())
            yield return new(Row, $"{Field}[{at++}]", item);
    }

    public string Names() => Value.ValueKind == JsonValueKind.Object ? string.Join(", ", Value.EnumerateObject().Select(member => member.Name)) : Value.ValueKind.ToString();

    private DataFileException Wrong(string expected) =>
        new(DataProblem.WrongType, Row, Field.Length == 0 ? "row" : Field, expected, Value.ValueKind.ToString().ToLowerInvariant());

    private string Join(string name) => Field.Length == 0 ? name : $"{Field}.{name}";
}
