using System.Text.Json;
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
    public void Input_joins_the_prompt_by_a_line_break_where_neither_is_empty()
    {
        string Prompt(string row) => Read(row)[0].Messages[0].Content;
        Assert.Equal("a\nb", Prompt("""{"instruction": "a", "input": "b", "output": "c"}"""));
        Assert.Equal("a", Prompt("""{"instruction": "a", "input": "", "output": "c"}"""));
        Assert.Equal("a", Prompt("""{"instruction": "a", "input": null, "output": "c"}"""));
        Assert.Equal("b", Prompt("""{"instruction": "", "input": "b", "output": "c"}"""));
        Assert.Equal("b", Prompt("""{"input": "b", "output": "c"}"""));
    }

    [Fact]
    public void Columns_and_tags_have_the_names_that_the_options_give()
    {
        var options = new RowOptions { Columns = new() { Prompt = "question", Query = "context", Response = "answer", System = "role_play", History = "before" } };
        var alpaca = Read("""{"question": "a", "context": "b", "answer": "c", "role_play": "d", "before": [["e", "f"]], "output": "ignored"}""", options)[0];
        Assert.Equal(["d", "e", "f", "a\nb", "c"], alpaca.Messages.Select(message => message.Content));
        options = new() { Columns = new() { Messages = "dialogue", RoleTag = "speaker", ContentTag = "text", UserTag = "doctor", AssistantTag = "helper" } };
        var turns = Read("""{"dialogue": [{"speaker": "doctor", "text": "a"}, {"speaker": "helper", "text": "b"}], "id": 5}""", options)[0];
        Assert.Equal(["user", "assistant"], turns.Messages.Select(message => message.Role));
        Assert.Equal("5", turns.Id);
    }

    [Theory]
    [InlineData(ConversationForm.ShareGpt, """{"messages": [], "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}""")]
    [InlineData(ConversationForm.Messages, """{"conversations": 3, "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}""")]
    [InlineData(ConversationForm.Alpaca, """{"messages": 3, "instruction": "a", "output": "b"}""")]
    [InlineData(ConversationForm.Detect, """{"messages": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}""")]
    [InlineData(ConversationForm.Detect, """{"conversations": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}""")]
    public void The_form_is_what_the_options_say_or_what_the_row_shows(ConversationForm form, string row) =>
        Assert.Equal(["a", "b"], Read(row, new() { Form = form })[0].Messages.Select(message => message.Content));

    [Fact]
    public void Tools_and_their_calls_are_read_alike_in_both_forms()
    {
        var shareGpt = Read("""{"tools": "[{\"name\": \"find\"}]", "conversations": [{"from": "human", "value": "a"}, {"from": "function_call", "value": "{\"name\": \"find\", \"arguments\": {\"gene\": \"TP53\"}}"}, {"from": "observation", "value": "17p"}, {"from": "gpt", "value": "b"}]}""")[0];
        var messages = Read("""{"tools": [{"name": "find"}], "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null, "tool_calls": [{"type": "function", "function": {"name": "find", "arguments": {"gene": "TP53"}}}]}, {"role": "tool", "content": "17p"}, {"role": "assistant", "content": "b"}]}""")[0];
        Assert.Equal(shareGpt.Messages.Select(message => (message.Role, message.Content)), messages.Messages.Select(message => (message.Role, message.Content)));
        Assert.True(JsonElement.DeepEquals(shareGpt.Messages[1].ToolCalls!.Value, messages.Messages[1].ToolCalls!.Value));
        Assert.True(JsonElement.DeepEquals(shareGpt.Tools!.Value, messages.Tools!.Value));
        Assert.Null(Read("""{"tools": "", "instruction": "a", "output": "b"}""")[0].Tools);
        var two = Read("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "tool_calls": [{"name": "f", "arguments": {}}, {"name": "g", "arguments": {}}]}, {"role": "tool", "content": "1"}, {"role": "tool", "content": ""}, {"role": "assistant", "content": "b"}]}""")[0];
        Assert.Equal(["user", "assistant", "tool", "tool", "assistant"], two.Messages.Select(message => message.Role)); // two answers to two calls
    }

    [Fact]
    public void Turns_say_whether_they_are_taught()
    {
        var row = Read("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0}, {"role": "user", "content": "c", "train": false}, {"role": "assistant", "content": "d", "train": true}]}""")[0];
        Assert.Equal([null, false, false, true], row.Taught!);
        Assert.Null(Read(Alpaca)[0].Taught);
    }

    [Fact]
    public void Reasoning_in_a_field_of_its_own_goes_before_the_answer()
    {
        var row = Read("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "reasoning_content": "\nb\n", "content": "\n\nc"}]}""")[0];
        Assert.Equal("<think>\nb\n</think>\n\nc", row.Messages[1].Content);
    }

    [Fact]
    public void The_same_id_twice_is_counted()
    {
        var report = new DataReport();
        Assert.Equal(2, Read("""{"id": "x", "instruction": "a", "output": "b"}""" + "\n" + """{"id": "x", "instruction": "a", "output": "b"}""", null, report).Count);
        Assert.Equal(1, report.Warned[DataProblem.DuplicateId]);
        Assert.Single(Read("""{"id": 1, "instruction": "a", "output": "b"}""" + "\n" + """{"id": 1, "instruction": "a", "output": "b"}""", new() { Policies = new() { DuplicateId = RowPolicy.Skip } }));
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
