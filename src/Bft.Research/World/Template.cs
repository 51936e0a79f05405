namespace Bft.Research.World;

/// <summary>Text with slots: <c>{name}</c> expands, <c>{@name}</c> keeps its first value, <c>{^name}</c> capitalises, <c>[a|b]</c> chooses one at random.</summary>
internal sealed class Template
{
    private readonly IReadOnlyList<Node> _nodes;

    private Template(string source, IReadOnlyList<Node> nodes)
    {
        Source = source;
        _nodes = nodes;
    }

    public string Source { get; }

    /// <summary>Names of all slots, inner choices included.</summary>
    public IEnumerable<string> Slots => _nodes.SelectMany(n => n.Slots);

    /// <summary>The longest piece of plain text of the template, what a search for its traces looks for.</summary>
    public string LongestLiteral => _nodes.Select(n => n.Slot is null && n.Choices is null ? n.Text : "").MaxBy(t => t.Length)!.Trim();

    /// <exception cref="FormatException">A brace or bracket is not closed, or a bracket is nested.</exception>
    public static Template Parse(string source)
    {
        List<Node> nodes = [];
        var at = 0;
        while (at < source.Length)
        {
            var next = source.IndexOfAny(['{', '['], at);
            if (next != at)
            {
                nodes.Add(new(source[at..(next < 0 ? source.Length : next)]));
                at = next < 0 ? source.Length : next;
                continue;
            }

            var close = source.IndexOf(source[at] == '{' ? '}' : ']', at);
            if (close < 0)
                throw new FormatException($"expected a closing bracket after \"{source[at..]}\".");
            var inner = source[(at + 1)..close];
            nodes.Add(source[at] == '{' ? Slot(inner) : Choice(inner));
            at = close + 1;
        }

        return new(source, nodes);
    }

    /// <summary>Writes the template with its slots filled.</summary>
    public void Expand(Expansion expansion, AnnotatedTextBuilder sink)
    {
        foreach (var node in _nodes)
        {
            if (node.Choices is { } choices)
                expansion.Rng.Pick(choices).Expand(expansion, sink);
            else if (node.Slot is { } slot)
                expansion.Fill(slot, node.Bound, node.Capital, sink);
            else
                sink.Append(node.Text);
        }
    }

    private static Node Slot(string inner)
    {
        var name = inner.TrimStart('@', '^');
        var marks = inner[..^name.Length];
        if (name.Length == 0)
            throw new FormatException("expected a name in {}.");
        return new("", name, marks.Contains('@'), marks.Contains('^'));
    }

    private static Node Choice(string inner)
    {
        if (inner.Contains('['))
            throw new FormatException($"expected no bracket inside a choice, actual \"{inner}\".");
        return new("", Choices: [.. inner.Split('|').Select(Parse)]);
    }

    private sealed record Node(string Text, string? Slot = null, bool Bound = false, bool Capital = false, IReadOnlyList<Template>? Choices = null)
    {
        public IEnumerable<string> Slots => Slot is not null ? [Slot] : Choices?.SelectMany(c => c.Slots) ?? [];
    }
}

/// <summary>What fills the slots of one passage: given mentions first, rules of the grammar second.</summary>
internal sealed class Expansion(WorldRandom rng, Grammar? grammar, IReadOnlyDictionary<string, Mention>? mentions = null)
{
    private readonly Dictionary<string, string> _bound = [];

    public WorldRandom Rng { get; } = rng;

    public void Fill(string slot, bool bound, bool capital, AnnotatedTextBuilder sink)
    {
        if (capital)
            sink.CapitaliseNext();
        if (mentions?.GetValueOrDefault(slot) is { } mention)
        {
            sink.Append(mention.Text, mention.Kind);
            return;
        }

        if (bound && _bound.TryGetValue(slot, out var value))
        {
            sink.Append(value);
            return;
        }

        var chosen = Rng.Pick(grammar!.Rule(slot));
        if (bound)
            _bound[slot] = chosen.Source;
        if (slot.StartsWith(Grammar.CausalPrefix, StringComparison.Ordinal))
            sink.Append(chosen.Source, SpanKind.CausalConnective);
        else
            chosen.Expand(this, sink);
    }
}
