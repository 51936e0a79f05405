using System.Text.Json;

namespace Bft.Research.Tokenization;

/// <summary>A place in a tokenizer file: the value with the file and the dotted path to it, so that every error can name both.</summary>
internal readonly record struct TokenizerNode(string File, string Path, JsonElement Value)
{
    public static TokenizerNode Read(string file)
    {
        try
        {
            using var stream = System.IO.File.OpenRead(file);
            using var document = JsonDocument.Parse(stream);
            return new(file, "", document.RootElement.Clone());
        }
        catch (JsonException broken)
        {
            throw new TokenizerException(file, $"line {broken.LineNumber + 1}", "JSON", broken.Message);
        }
    }

    /// <summary>The child, or null when absent or JSON null.</summary>
    public TokenizerNode? Optional(string name) =>
        Value.ValueKind == JsonValueKind.Object && Value.TryGetProperty(name, out var child) && child.ValueKind != JsonValueKind.Null
            ? new TokenizerNode(File, Join(name), child)
            : null;

    public TokenizerNode Required(string name) =>
        Optional(name) ?? throw new TokenizerException(File, Join(name), "a value", "nothing");

    public string Text(string name) => Required(name).AsText();

    public string? OptionalText(string name) => Optional(name)?.AsText();

    public bool Flag(string name, bool otherwise) => Optional(name) is not { } child ? otherwise : child.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw child.Wrong("true or false"),
    };

    public int Integer(string name) => Required(name).AsInteger();

    public int Integer(string name, int otherwise) => Optional(name)?.AsInteger() ?? otherwise;

    public string AsText() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw Wrong("a string");

    public int AsInteger() => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number) ? number : throw Wrong("a whole number");

    public double AsNumber() => Value.ValueKind == JsonValueKind.Number ? Value.GetDouble() : throw Wrong("a number");

    /// <summary>The items of an array.</summary>
    public IEnumerable<TokenizerNode> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
            throw Wrong("an array");
        var at = 0;
        foreach (var item in Value.EnumerateArray())
            yield return new(File, $"{Path}[{at++}]", item);
    }

    /// <summary>The members of an object.</summary>
    public IEnumerable<(string Name, TokenizerNode Node)> Members()
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw Wrong("an object");
        foreach (var member in Value.EnumerateObject())
            yield return (member.Name, new(File, Join(member.Name), member.Value));
    }

    public TokenizerException Wrong(string expected)
    {
        var raw = Value.GetRawText();
        return new(File, Path.Length == 0 ? "root" : Path, expected, raw.Length > 80 ? raw[..80] + "…" : raw);
    }

    private string Join(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
}
