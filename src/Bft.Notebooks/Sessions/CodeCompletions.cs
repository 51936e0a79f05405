namespace Bft.Notebooks.Sessions;

/// <summary>What could stand at a place of a cell.</summary>
/// <param name="Start">Index of the first character that an item replaces.</param>
/// <param name="End">Index behind the last character that an item replaces.</param>
/// <param name="Items">The candidates in alphabetical order, each once.</param>
public sealed record CodeCompletions(int Start, int End, IReadOnlyList<string> Items);

/// <summary>Whether the source of a cell is finished.</summary>
public enum Completeness
{
    /// <summary>It can be run.</summary>
    Complete,

    /// <summary>It needs further lines.</summary>
    Incomplete,

    /// <summary>No further line can make it right.</summary>
    Invalid,
}
