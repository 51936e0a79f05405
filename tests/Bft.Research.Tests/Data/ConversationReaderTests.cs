using Bft.Research.Data;
using Bft.Tests;

namespace Bft.Research.Tests.Data;

public class ConversationReaderTests
{
    private const string Alpaca = """{"instruction": "Name a gene.", "input": "", "output": "TP53"}""";

    [Fact]
    public void The_three_forms_spell_the_same_conversation()
    {
        var alpaca = Read("""{"system": "Be short.", "instruction": "Name a gene.", "input": "Human.", "output": "TP53", "history": [["Hi", "Hello"]]}""");
        var shareGpt = Read("""{"system": "Be short.", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}, {"from": "human", "value": "Name a gene.\nHuman."}, {"from": "gpt", "value": "TP53"}]}""");
        var messages = Read("""{"messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}, {"role": "user", "content": [{"type": "text", "text": "Name a gene.\nHuman."}]}, {"role": "assistant", "content": "TP53"}]}""");
        Assert.Equal(5, alpaca[0].Messages.Count);
        Assert.Equal(alpaca[0].Messages, shareGpt[0].Messages);
        Assert.Equal(alpaca[0].Messages, messages[0].Messages);
    }

    [Fact]
    public void Rows_of_an_array_have_the_line_where_they_begin()
    {
        var rows = Read($"[\n  {Alpaca},\n  {{\n    \"instruction\": \"a\",\n    \"output\": \"b\"\n  }},\n {Alpaca}\n]\n");
        Assert.Equal([":2", ":3", ":7"], rows.Select(row => row.Name[row.Name.LastIndexOf(':')..]));
    }

    [Fact]
    public void Bad_rows_are_counted_when_they_may_be_skipped()
    {
        var report = new DataReport();
        var rows = Read($"{Alpaca}\nnonsense\n\n{{\"instruction\": \"a\"}}\n{Alpaca}\n", new() { Policies = RowPolicies.SkipUnusable }, report);
        Assert.Equal(2, rows.Count);
        Assert.Equal(2, report.Read);
        Assert.Equal((1, 1, 1), (report.Skipped[DataProblem.BrokenJson], report.Skipped[DataProblem.EmptyLine], report.Skipped[DataProblem.MissingField]));
        Assert.NotEqual(5, rows.Count); // the wrong variant: every line counted as a row
        Assert.Throws<DataFileException>(() => Read("nonsense\nmore", new() { Policies = RowPolicies.SkipUnusable }));
    }

    [Theory]
    [InlineData("alpaca_en_demo.json", 999)]
    [InlineData("chatdoctor5k.json", 5452)]
    public void Published_sets_are_read_whole(string name, int count)
    {
        var report = new DataReport();
        var rows = ConversationReader.Read(SharedFolder.Require("data", "sft-samples", name), new() { Policies = RowPolicies.SkipUnusable }, report).ToList();
        Assert.Equal(count, rows.Count + report.Skipped.Values.Sum());
        Assert.True(rows.Count > count * 0.99, report.ToString());
    }

    private static List<Conversation> Read(string text, RowOptions? options = null, DataReport? report = null)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        File.WriteAllText(file, text);
        try
        {
            return [.. ConversationReader.Read(file, options, report)];
        }
        finally
        {
            File.Delete(file);
        }
    }
}
