using Bft.Research.Experiments.Passages;
using Bft.Tests;

namespace Bft.Research.Tests.Experiments;

public sealed class PassageSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-passages-").FullName;

    [Fact]
    public void PubTator_offsets_run_over_title_and_abstract()
    {
        Write("a.txt", "1|t|Ataxia in mice.\n1|a|Loss of Atm causes ataxia.\n1\t0\t6\tAtaxia\tDisease\tD1\n1\t35\t41\tataxia\tDisease\tD1\n\n");
        var text = Assert.Single(PubTatorText.Read(Path.Combine(_folder, "a.txt")));
        Assert.Equal(["Ataxia", "ataxia"], text.Entities!.Select(span => text.Text[span.Start..span.End]));
        Assert.NotEqual("ataxia", text.Text[34..40]); // the wrong variant: no separator counted
    }

    [Fact]
    public void A_mention_outside_its_text_names_file_and_line()
    {
        Write("a.txt", "1|t|Short.\n1|a|Text.\n1\t0\t60\tAtaxia\tDisease\tD1\n\n");
        var error = Assert.Throws<InvalidDataException>(() => PubTatorText.Read(Path.Combine(_folder, "a.txt")).ToList());
        Assert.Contains("a.txt:3: mention 'Ataxia'", error.Message);
    }

    [Fact]
    public void Tagged_tokens_become_running_text_with_spans()
    {
        Write("a.tsv", "-DOCSTART-\tO\n\nSCL\tB-DNA\nlocus\tI-DNA\n(\tO\nT\tB-cell_type\n-\tI-cell_type\nALL\tI-cell_type\n)\tO\n.\tO\n\n");
        var text = Assert.Single(TaggedText.Read(Path.Combine(_folder, "a.tsv")));
        Assert.Equal("SCL locus (T-ALL).", text.Text);
        Assert.Equal(["SCL locus", "T-ALL"], text.Entities!.Select(span => text.Text[span.Start..span.End]));
    }

    [Fact]
    public void A_broken_json_line_names_file_and_line()
    {
        Write("a.jsonl", "{\"text\":\"fine\"}\n{\"text\":");
        Assert.Contains("a.jsonl:2: not JSON", Assert.Throws<InvalidDataException>(() => PlainText.Pages(Path.Combine(_folder, "a.jsonl")).ToList()).Message);
    }

    [Fact]
    public void Passages_of_ones_own_need_text_and_domain()
    {
        Write("mine.jsonl", """
            {"text":"BRCA1 binds BARD1.","domain":"biomedical","entities":[[0,5],[12,17]]}

            {"id":"b","source":"diary","text":"It rained.","domain":"general"}
            """);
        var passages = PassageLines.Read(Path.Combine(_folder, "mine.jsonl"));
        Assert.Equal(["mine.jsonl:1", "b"], passages.Select(p => p.Id));
        Assert.Equal(["mine", "diary"], passages.Select(p => p.Source));
        Assert.Equal(["BRCA1", "BARD1"], passages[0].Entities!.Select(span => passages[0].Text[span.Start..span.End]));
        Assert.Null(passages[1].Entities);

        Write("wrong.jsonl", "{\"text\":\"a\"}");
        Assert.Contains("wrong.jsonl:1: field 'domain'", Assert.Throws<InvalidDataException>(() => PassageLines.Read(Path.Combine(_folder, "wrong.jsonl"))).Message);
        Write("spans.jsonl", "{\"text\":\"a\",\"domain\":\"general\",\"entities\":[1]}");
        Assert.Contains("field 'entities'", Assert.Throws<InvalidDataException>(() => PassageLines.Read(Path.Combine(_folder, "spans.jsonl"))).Message);
        Write("none.jsonl", "\n");
        Assert.Contains("actual none", Assert.Throws<InvalidDataException>(() => PassageLines.Read(Path.Combine(_folder, "none.jsonl"))).Message);
    }

    [Fact]
    public void An_unknown_source_lists_the_known_ones() =>
        Assert.Contains("pubmedqa", Assert.Throws<ArgumentException>(() => PassageSource.Named("pubmed")).Message);

    [Fact]
    public void A_missing_file_names_the_data_set_to_get() =>
        Assert.Contains("bft data get medical-qa", Assert.Throws<FileNotFoundException>(() => PassageSource.Named("medqa").Take(new(_folder), 3)).Message);

    [Fact]
    public void Every_source_gives_passages_of_real_data_with_entities_that_fit()
    {
        var data = SharedFolder.Require("data");
        foreach (var source in PassageSource.All)
        {
            var passages = source.Take(new(data), 20);
            Assert.Equal(20, passages.Count);
            Assert.Equal(20, passages.Select(p => p.Id).Distinct().Count());
            Assert.Equal(source.Domain == "annotated" || source.Name == "ncbi_disease", passages.All(p => p.Entities is not null));
            Assert.All(passages, p => Assert.All(p.Entities ?? [], span => Assert.InRange(span.End, span.Start + 1, p.Text.EnumerateRunes().Count())));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
