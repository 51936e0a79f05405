namespace Bft.Research.Runs;

/// <summary>A value in a run file or on the command line, with the place that an error names.</summary>
internal abstract record RunNode(string Origin)
{
    /// <summary>The value in words, for errors.</summary>
    public abstract override string ToString();
}

/// <summary>Text, a number, a flag or null.</summary>
/// <param name="Origin">File and line, or the option of the command line.</param>
/// <param name="Text">As written.</param>
/// <param name="Quoted">Whether it stood in quotes, so that it is text whatever it looks like.</param>
internal sealed record RunScalar(string Origin, string Text, bool Quoted) : RunNode(Origin)
{
    public bool IsNull => !Quoted && Text is "" or "~" or "null" or "Null" or "NULL";

    public override string ToString() => IsNull ? "nothing" : $"'{Text}'";
}

/// <summary>A list.</summary>
internal sealed record RunList(string Origin, IReadOnlyList<RunNode> Items) : RunNode(Origin)
{
    public override string ToString() => $"a list of {Items.Count}";
}

/// <summary>Names and values in the order of the file.</summary>
internal sealed record RunMap(string Origin, IReadOnlyList<(string Name, string Origin, RunNode Value)> Members) : RunNode(Origin)
{
    public override string ToString() => $"an object with {(Members.Count == 0 ? "nothing in it" : string.Join(", ", Members.Select(m => m.Name)))}";
}
