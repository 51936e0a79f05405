using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Bft.Research.Runs;

/// <summary>Reads YAML, of which JSON is a part, into <see cref="RunNode"/>s that know their lines.</summary>
internal static class RunText
{
    private const string Twice = "Duplicate key ";

    /// <summary>Reads a text that holds one object.</summary>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="origin">File named in errors.</param>
    /// <exception cref="InvalidDataException">It is neither, or no object.</exception>
    public static RunMap Read(string text, string origin)
    {
        if (origin.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            RequireJson(text, origin);
        return Parse(text, origin) switch
        {
            RunMap map => map,
            var other => throw new InvalidDataException($"{origin}:1: expected options by name, actual {other?.ToString() ?? "nothing"}."),
        };
    }

    /// <summary>Reads a single value, as it stands behind KEY= on a command line.</summary>
    public static RunNode Value(string text, string origin)
    {
        try
        {
            return Load(text) is { } root ? Convert(root, _ => origin) : new RunScalar(origin, "", false);
        }
        catch (YamlException)
        {
            return new RunScalar(origin, text, false);
        }
    }

    private static RunNode? Parse(string text, string origin)
    {
        try
        {
            return Load(text) is { } root ? Convert(root, node => $"{origin}:{node.Start.Line}") : null;
        }
        catch (YamlException e)
        {
            var line = Math.Max(e.Start.Line, e.End.Line);
            throw new InvalidDataException(
                e.Message.StartsWith(Twice, StringComparison.Ordinal) ? $"{origin}:{line}: {e.Message[Twice.Length..]}: expected once, actual twice." : $"{origin}:{line}: expected YAML or JSON: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>A file that calls itself JSON has to be JSON: as YAML, a forgotten colon would pass.</summary>
    private static void RequireJson(string text, string origin)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new() { AllowTrailingCommas = true });
        }
        catch (JsonException e)
        {
            var message = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw new InvalidDataException($"{origin}:{e.LineNumber + 1}: expected JSON: {message}.", e);
        }
    }

    private static YamlNode? Load(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count switch
        {
            0 => null,
            1 => stream.Documents[0].RootNode,
            _ => throw new YamlException(stream.Documents[1].RootNode.Start, stream.Documents[1].RootNode.End, "one document, actual several."),
        };
    }

    private static RunNode Convert(YamlNode node, Func<YamlNode, string> origin) => node switch
    {
        YamlScalarNode scalar => new RunScalar(origin(node), scalar.Value ?? "", scalar.Style is not ScalarStyle.Plain),
        YamlSequenceNode list => new RunList(origin(node), [.. list.Select(item => Convert(item, origin))]),
        YamlMappingNode map => new RunMap(origin(node), [.. map.Select(member => (member.Key.ToString(), origin(member.Key), Convert(member.Value, origin)))]),
        _ => throw new YamlException(node.Start, node.End, $"a value, actual {node.NodeType}."),
    };
}
