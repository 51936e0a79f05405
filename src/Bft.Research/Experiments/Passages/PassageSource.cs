using Bft.Research.Data.Sources;
using Bft.Research.Uncertainty;

namespace Bft.Research.Experiments.Passages;

/// <summary>Reads running text of one source from a data folder as passages.</summary>
/// <param name="Name">Source name in tables, for example <c>pubmedqa</c>.</param>
/// <param name="Domain"><c>biomedical</c>, <c>general</c> or <c>annotated</c>.</param>
/// <param name="File">Path of the file below the data folder.</param>
/// <param name="Parse">All texts of the file, in order, with entity spans where annotated.</param>
public sealed record PassageSource(string Name, string Domain, string File, Func<string, IEnumerable<SourceText>> Parse)
{
    /// <summary>Texts shorter than this many characters are passed over, unless the source has short texts only.</summary>
    public int MinimumCharacters { get; init; } = 800;

    /// <summary>The sources that the uncertainty study compares, in the order of its tables.</summary>
    public static IReadOnlyList<PassageSource> All { get; } =
    [
        new("ncbi_disease", "biomedical", "biomedical-ner/NCBI-disease-PubTator/devel.txt", PubTatorText.Read),
        new("pubmedqa", "biomedical", "medical-qa/pubmedqa/ori_pqal.json", QuestionText.PubMedQa),
        new("medqa", "biomedical", "medical-qa/medqa_usmle/us_4options_test.jsonl", QuestionText.MedQa),
        new("gene_summaries", "biomedical", "gene-text/gene_summaries.tsv", PlainText.GeneSummaries) { MinimumCharacters = 300 },
        new("wiki", "general", "general-text/wiki_demo.txt", PlainText.Articles),
        new("c4", "general", "general-text/c4_demo.jsonl", PlainText.Pages),
        new("en_ewt", "general", "general-text/en_ewt-ud-dev.conllu", PlainText.Documents),
        new("bc5cdr", "annotated", "biomedical-ner/BC5CDR/devel.tsv", TaggedText.Read),
        new("bc2gm", "annotated", "biomedical-ner/BC2GM/devel.tsv", TaggedText.Read),
        new("jnlpba", "annotated", "biomedical-ner/JNLPBA/devel.tsv", TaggedText.Read),
    ];

    /// <summary>The source of a name.</summary>
    /// <exception cref="ArgumentException">No source has the name; the message lists those that exist.</exception>
    public static PassageSource Named(string name) => All.FirstOrDefault(source => source.Name == name)
        ?? throw new ArgumentException($"No source of passages is called '{name}'. Known: {string.Join(", ", All.Select(source => source.Name))}.", nameof(name));

    /// <summary>Whether the source can be read: its file is in the data folder, or a data set of the catalogue brings it (so that its absence is an error with a cure).</summary>
    public bool IsObtainable(DataFolder data) => System.IO.File.Exists(data.PathOf(File)) || DataFolder.SetOf(File) is not null;

    /// <summary>Takes passages evenly over the file, so that no part of it is favoured.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="count">How many are wanted; fewer come back when the file has fewer.</param>
    /// <exception cref="FileNotFoundException">The file is absent; the message says which command fetches it, or that none does.</exception>
    public IReadOnlyList<Passage> Take(DataFolder data, int count)
    {
        var texts = Parse(data.Require(File)).Where(text => text.Text.Length >= MinimumCharacters).ToList();
        var taken = Math.Min(count, texts.Count);
        return
        [
            .. Enumerable.Range(0, taken).Select(i => texts[(int)((long)i * texts.Count / taken)]).Select(text => new Passage
            {
                Id = $"{Name}/{text.Id}",
                Source = Name,
                Domain = Domain,
                Text = text.Text,
                Entities = text.Entities,
            }),
        ];
    }
}
