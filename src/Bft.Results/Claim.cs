using Bft.Results.Display;

namespace Bft.Results;

/// <summary>A falsifiable sentence and the checks that decide it.</summary>
/// <param name="Sentence">The sentence.</param>
/// <param name="Checks">Its parts; the claim holds only if all of them do.</param>
public sealed record Claim(string Sentence, IReadOnlyList<Check> Checks)
{
    /// <summary>Makes a claim from checks.</summary>
    public static Claim Of(string sentence, params Check[] checks) => new(sentence, checks);

    /// <summary>Fails if any check fails; else undecided if any check is, or if there is none; else holds.</summary>
    public Outcome Outcome =>
        Checks.Any(check => check.Outcome == Outcome.Fails) ? Outcome.Fails
        : Checks.Count == 0 || Checks.Any(check => check.Outcome == Outcome.Undecided) ? Outcome.Undecided
        : Outcome.Holds;
}

/// <summary>The claims of a notebook. Shows itself as HTML and text, and as data that <c>bft reproduce</c> collects.</summary>
/// <param name="Claims">Claims, in the order shown.</param>
[TypeFormatterSource(typeof(ClaimTableFormatters), PreferredMimeTypes = [MimeType, "text/html", "text/plain"])]
public sealed record ClaimTable(IReadOnlyList<Claim> Claims)
{
    /// <summary>Type of the JSON form in notebook outputs.</summary>
    public const string MimeType = "application/vnd.bft.claims+json";

    /// <summary>Version of the JSON form.</summary>
    public const string SchemaName = "bft-claims-1";

    /// <summary>Name and version of the JSON form, written into it.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>Makes a table from claims.</summary>
    public static ClaimTable Of(params Claim[] claims) => new(claims);

    /// <summary>Each claim with its checks, as plain text.</summary>
    public string ToText() =>
        string.Join("\n", Claims.Select(claim => $"{Word(claim.Outcome)}: {claim.Sentence}\n{Grid(claim).ToText()}"));

    /// <summary>Each claim with its checks, as Markdown.</summary>
    public string ToMarkdown() =>
        string.Join("\n", Claims.Select(claim => $"**{Word(claim.Outcome)}: {claim.Sentence}**\n\n{Grid(claim).ToMarkdown()}"));

    /// <summary>Each claim with its checks, as HTML.</summary>
    public string ToHtml() =>
        string.Concat(Claims.Select(claim => Grid(claim).ToHtml($"{Word(claim.Outcome)}: {claim.Sentence}")));

    /// <summary>The claims as one JSON object.</summary>
    public string ToJson() => ResultsJson.Write(this, indented: false);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="origin">File or cell named in errors.</param>
    /// <exception cref="ResultsFormatException">The text does not fit the schema.</exception>
    public static ClaimTable Parse(string json, string origin = "claims") => ResultsJson.Read<ClaimTable>(json, origin, SchemaName);

    /// <summary>The verdict as a word.</summary>
    public static string Word(Outcome outcome) => outcome switch
    {
        Outcome.Holds => "holds",
        Outcome.Fails => "fails",
        _ => "undecided",
    };

    /// <inheritdoc />
    public override string ToString() => ToText();

    private static TextTable Grid(Claim claim)
    {
        var grid = new TextTable("Check", "Verdict", "Evidence");
        foreach (var check in claim.Checks)
            grid.Add(check.Statement, Word(check.Outcome), check.Evidence);
        return grid;
    }

    private sealed class ClaimTableFormatters
    {
        public IEnumerable<object> CreateTypeFormatters() =>
        [
            new DisplayFormatter<ClaimTable>(MimeType, table => table.ToJson()),
            new DisplayFormatter<ClaimTable>("text/html", table => table.ToHtml()),
            new DisplayFormatter<ClaimTable>("text/plain", table => table.ToText()),
        ];
    }
}
