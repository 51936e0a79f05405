namespace Bft.Cli;

/// <summary>What <c>bft generate</c> continues or answers.</summary>
internal sealed record GenerateOptions : SamplingOptions
{
    /// <summary>Text that is continued as it stands.</summary>
    public string? Prompt { get; init; }

    /// <summary>User turn that is answered.</summary>
    public string? Message { get; init; }

    /// <summary>System turn before <see cref="Message"/>.</summary>
    public string? System { get; init; }

    /// <summary>JSON Lines, or a JSON array, of objects with prompt, message or messages.</summary>
    public string? Input { get; init; }

    /// <summary>JSON Lines with the objects of <see cref="Input"/> and their answers; null for standard output.</summary>
    public string? Output { get; init; }

    /// <summary>Whether answers that <see cref="Output"/> holds already are kept and the rest made.</summary>
    public bool Resume { get; init; }

    /// <summary>Rows of <see cref="Input"/> that go through the model together.</summary>
    public int Batch { get; init; } = 8;

    /// <inheritdoc/>
    protected override void AddProblems(List<string> problems)
    {
        string[] given = [.. new[] { (nameof(Prompt), Prompt), (nameof(Message), Message), (nameof(Input), Input) }.Where(one => one.Item2 is not null).Select(one => one.Item1)];
        if (given.Length != 1)
            problems.Add($"{nameof(Prompt)}: expected one of {nameof(Prompt)}, {nameof(Message)} and {nameof(Input)}, actual {(given.Length == 0 ? "none" : string.Join(", ", given))}");
        if (Message is null && System is not null)
            problems.Add($"{nameof(System)}: expected {nameof(Message)} beside it, actual none");
        if (Input is null && Output is not null)
            problems.Add($"{nameof(Output)}: expected {nameof(Input)} beside it, actual none");
        if (Output is null && Resume)
            problems.Add($"{nameof(Resume)}: expected {nameof(Output)} beside it, actual none");
        if (Batch < 1)
            problems.Add($"{nameof(Batch)}: expected a whole number above 0, actual {Batch}");
        base.AddProblems(problems);
    }
}
