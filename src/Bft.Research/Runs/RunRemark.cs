namespace Bft.Research.Runs;

/// <summary>What became of a name that another tool knows.</summary>
public enum RemarkKind
{
    /// <summary>It means options of ours.</summary>
    Translated,

    /// <summary>It changes nothing here.</summary>
    Ignored,
}

/// <summary>What became of a name in a run file that is another tool's.</summary>
/// <param name="Kind">Translated or ignored.</param>
/// <param name="Origin">File and line, or the option of the command line.</param>
/// <param name="Name">The name.</param>
/// <param name="Value">Its value, as written.</param>
/// <param name="Meaning">The options that it sets, or the reason why it changes nothing.</param>
public sealed record RunRemark(RemarkKind Kind, string Origin, string Name, string Value, string Meaning)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Origin}: {Name} {Value}: {(Kind == RemarkKind.Translated ? "is" : "ignored:")} {Meaning}";
}
