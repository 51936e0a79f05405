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

    [Theory]
    [InlineData("{\"instruction\": \"a\", \"output\": ", DataProblem.BrokenJson, ":1")]
    [InlineData(Alpaca + "\n{\"instruction\": \"a\",, }", DataProblem.BrokenJson, ":2")]
    [InlineData("[" + Alpaca + ",\n{\"instruction\": }]", DataProblem.BrokenJson, ":2")]
    [InlineData(Alpaca + "\n\n" + Alpaca, DataProblem.EmptyLine, ":2")]
    [InlineData("", DataProblem.EmptyFile, ":1")]
    [InlineData("[]", DataProblem.EmptyFile, ":1")]
    [InlineData("{\"instruction\": \"a\"}", DataProblem.MissingField, "output")]
    [InlineData("{\"instruction\": \"a\", \"output\": 3}", DataProblem.WrongType, "output")]
    [InlineData("{\"instruction\": \"a\", \"output\": \" \"}", DataProblem.EmptyText, "output")]
    [InlineData("{\"question\": \"a\"}", DataProblem.MissingField, "question")]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}", DataProblem.WrongRoleOrder, "assistant")]
    [InlineData("{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\"}]}", DataProblem.WrongRoleOrder, "messages[0]")]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"user\", \"content\": \"b\"}]}", DataProblem.WrongRoleOrder, "messages[1]")]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"\"}]}", DataProblem.EmptyText, "messages[1]")]
    [InlineData("{\"messages\": [{\"role\": \"narrator\", \"content\": \"a\"}]}", DataProblem.WrongRoleOrder, "narrator")]
    [InlineData("{\"messages\": []}", DataProblem.MissingField, "messages")]
    public void A_bad_row_is_named(string text, DataProblem problem, string named)
    {
        var error = Assert.Throws<DataFileException>(() => Read(text));
        Assert.Equal(problem, error.Problem);
        Assert.Contains(named, error.Message);
        Assert.Contains(".json", error.Row);
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
