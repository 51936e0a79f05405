using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Bft.Notebooks.Running;

/// <summary>Makes paths in outputs relative to the notebook's folder, so that a run on another machine gives the same text.</summary>
internal sealed class OutputPaths
{
    private readonly List<(Regex Absolute, string Relative)> _rules = [];

    /// <summary>Rules for the folder, and for its parents up to the checkout that holds it.</summary>
    public OutputPaths(string folder)
    {
        var parents = new List<string> { folder };
        for (var parent = Path.GetDirectoryName(folder); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            parents.Add(parent);
            if (Path.Exists(Path.Combine(parent, ".git")))
            {
                Add(parents);
                return;
            }
        }

        Add([folder]);
    }

    /// <summary>The text with every whole path that starts in one of the folders made relative.</summary>
    public string Relative(string text)
    {
        foreach (var (absolute, relative) in _rules)
            text = absolute.Replace(text, match => match.Groups["rest"].Length == 0 ? relative : relative == "." ? "" : relative + "/");
        return text;
    }

    /// <summary>The same for every text inside a JSON value.</summary>
    public JsonNode? Relative(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Relative(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Relative)]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(Relative(text)),
        _ => node?.DeepClone(),
    };

    private void Add(List<string> folders)
    {
        for (var up = 0; up < folders.Count; up++)
            if (folders[up] != Path.GetPathRoot(folders[up]))
                _rules.Add((
                    new Regex($@"(file://)?(?<![\w.-]){Regex.Escape(folders[up])}(?<rest>/|(?![\w-]|\.\w))", RegexOptions.CultureInvariant),
                    up == 0 ? "." : string.Join('/', Enumerable.Repeat("..", up))));
    }
}
