using System.Text;
using System.Text.Json;
using Bft.Research.Data;
using Bft.Research.Tokenization;
using static Bft.Research.Tests.Data.ChatTokenizer;

namespace Bft.Research.Tests.Data;

/// <summary>A zoo of bad rows: each is refused with file, line, field, what was expected and what is there.</summary>
public sealed class BadRowTests : IDisposable
{
    private const string Good = """{"messages": [{"role": "user", "content": "Name a gene."}, {"role": "assistant", "content": "TP53"}]}""";
    private const string GoodAlpaca = """{"instruction": "Name a gene.", "input": "", "output": "TP53"}""";

    private static readonly RowPolicies s_strict = new()
    {
        TooLong = RowPolicy.Refuse,
        TruncatedEnd = RowPolicy.Refuse,
        EndNotTaught = RowPolicy.Refuse,
        BoundaryMerge = RowPolicy.Refuse,
        UnclosedReasoning = RowPolicy.Refuse,
        SpecialToken = RowPolicy.Refuse,
        DuplicateId = RowPolicy.Refuse,
    };

    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("rows").FullName, "rows.jsonl");

    /// <summary>Rows, what is the matter, and the message after the name of the file.</summary>
    public static TheoryData<string, DataProblem, string> Zoo => new()
    {
        { "", DataProblem.EmptyFile, "1: file: expected rows, actual an empty file." },
        { "  \n\n", DataProblem.EmptyFile, "1: file: expected rows, actual white space." },
        { "[]", DataProblem.EmptyFile, "1: file: expected rows, actual an empty array." },
        { """{"instruction": "a", "output": """, DataProblem.BrokenJson, "1: line: expected one JSON object, or a file that is one JSON array, actual an end before all objects and lists are closed (at place 32)." },
        { Good + "\n" + """{"instruction": "a",, }""", DataProblem.BrokenJson, """2: line: expected one JSON object, or a file that is one JSON array, actual ',' is an invalid start of a property name. Expected a '"' (at place 21).""" },
        { Good + "\n{'role': 1}", DataProblem.BrokenJson, """2: line: expected one JSON object, or a file that is one JSON array, actual ''' is an invalid start of a property name. Expected a '"' (at place 2).""" },
        { "[" + GoodAlpaca + ",\n" + """{"instruction": }]""", DataProblem.NotRows, "2: file: expected one JSON array and nothing behind it, actual '}' is an invalid start of a value (at place 17)." },
        { "[" + GoodAlpaca + ",\n" + GoodAlpaca, DataProblem.NotRows, "3: file: expected one JSON array and nothing behind it, actual an end before all objects and lists are closed (at place 63)." },
        { "[" + GoodAlpaca + "]\n" + GoodAlpaca, DataProblem.NotRows, "2: file: expected one JSON array and nothing behind it, actual '{' is invalid after a single JSON value. Expected end of data (at place 1)." },
        { "{\n  \"instruction\": \"a\",\n  \"output\": \"b\"\n}", DataProblem.BrokenJson, "1: line: expected one JSON object, or a file that is one JSON array, actual an end before all objects and lists are closed (at place 2)." },
        { Good + "\n\n" + Good, DataProblem.EmptyLine, "2: line: expected one JSON object, actual an empty line." },
        { Good + " " + Good, DataProblem.BrokenJson, "1: line: expected one JSON object, or a file that is one JSON array, actual '{' is invalid after a single JSON value. Expected end of data (at place 103)." },
        { Good + "\n\"text\"", DataProblem.WrongType, "2: row: expected an object, actual text." },
        { Good + "\n[1, 2]", DataProblem.WrongType, "2: row: expected an object, actual a list." },
        { Good + "\n3", DataProblem.WrongType, "2: row: expected an object, actual the number 3." },
        { "{}", DataProblem.MissingField, "1: row: expected messages or conversations, or instruction and output, actual fields: none at all." },
        { """{"question": "a", "answer": "b"}""", DataProblem.MissingField, "1: row: expected messages or conversations, or instruction and output, actual fields: question, answer." },
        { """{"instruction": "a"}""", DataProblem.MissingField, "1: output: expected a value, actual none; fields: instruction." },
        { GoodAlpaca + "\n" + """{"output": "b"}""", DataProblem.MissingField, "2: instruction: expected a value, actual none; fields: output." },
        { """{"instruction": "a", "output": 3}""", DataProblem.WrongType, "1: output: expected text, actual the number 3." },
        { """{"instruction": "a", "output": null}""", DataProblem.WrongType, "1: output: expected a value, actual null." },
        { """{"instruction": "a", "output": ["b"]}""", DataProblem.WrongType, "1: output: expected text, actual a list." },
        { """{"instruction": "a", "output": " "}""", DataProblem.EmptyText, "1: output: expected text of the assistant, actual white space." },
        { """{"instruction": "", "input": "", "output": "b"}""", DataProblem.EmptyText, "1: instruction: expected text of the user, actual nothing." },
        { """{"instruction": "a", "output": "b", "output": "c"}""", DataProblem.DuplicateField, "1: line: expected every field once, actual output twice." },
        { """{"instruction": "a", "output": "b", "history": "c"}""", DataProblem.WrongType, "1: history: expected a list, actual text." },
        { """{"instruction": "a", "output": "b", "history": [["c"]]}""", DataProblem.WrongType, "1: history[0]: expected [prompt, response], actual 1 items." },
        { """{"instruction": "a", "output": "b", "history": [["c", ""]]}""", DataProblem.EmptyText, "1: history[0][1]: expected text of the assistant, actual nothing." },
        { """{"instruction": "a", "output": "\ud83d"}""", DataProblem.BrokenText, "1: output: expected whole characters, actual half of a surrogate pair." },
        { """{"instruction": "a", "output": "b", "messages": []}""", DataProblem.WrongForm, "1: row: expected one form of conversation, actual messages and instruction with output (say which as the form)." },
        { """{"messages": [{"role": "user", "from": "human", "content": "a"}]}""", DataProblem.WrongForm, "1: messages[0]: expected one way to name role and text, actual fields: role, from, content (say which as the form)." },
        { """{"messages": [{"role": "user", "content": "a"}], "conversations": [{"from": "human", "value": "a"}]}""", DataProblem.WrongForm, "1: row: expected one form of conversation, actual messages and conversations (say which as the form)." },
        { Good + "\n" + GoodAlpaca, DataProblem.WrongForm, "2: row: expected the form of the first row (messages of role and content), actual alpaca." },
        { GoodAlpaca + "\n" + Good, DataProblem.WrongForm, "2: row: expected the form of the first row (alpaca), actual messages of role and content." },
        { """{"messages": []}""", DataProblem.MissingField, "1: messages: expected turns, actual an empty list." },
        { """{"messages": "hello"}""", DataProblem.WrongType, "1: messages: expected a list, actual text." },
        { """{"messages": ["hello"]}""", DataProblem.WrongType, "1: messages[0]: expected an object, actual text." },
        { Turns("user: a"), DataProblem.WrongRoleOrder, "1: messages[0]: expected a turn of the assistant at the end, actual one of the user." },
        { Turns("assistant: a"), DataProblem.WrongRoleOrder, "1: messages[0]: expected a turn of the user, actual one of the assistant." },
        { Turns("user: a", "user: b", "assistant: c"), DataProblem.WrongRoleOrder, "1: messages[1]: expected a turn of the assistant, actual a second one of the user." },
        { Turns("user: a", "assistant: b", "assistant: c"), DataProblem.WrongRoleOrder, "1: messages[2]: expected a turn of the user or the tool, actual a second one of the assistant." },
        { Turns("user: a", "system: b", "assistant: c"), DataProblem.WrongRoleOrder, "1: messages[1]: expected a turn of the assistant, actual one of the system." },
        { Turns("system: a"), DataProblem.WrongRoleOrder, "1: messages[0]: expected a turn of the assistant at the end, actual one of the system." },
        { Turns("system: a", "assistant: b"), DataProblem.WrongRoleOrder, "1: messages[1]: expected a turn of the user, actual one of the assistant." },
        { Turns("tool: a", "assistant: b"), DataProblem.WrongRoleOrder, "1: messages[0]: expected a turn of the user, actual one of the tool." },
        { Turns("narrator: a", "assistant: b"), DataProblem.UnknownRole, """1: messages[0].role: expected system, user (human), assistant (gpt), function_call or tool (observation), actual "narrator".""" },
        { Turns("user: a", "assistant: "), DataProblem.EmptyText, "1: messages[1].content: expected text of the assistant, actual nothing." },
        { Turns("user:  ", "assistant: b"), DataProblem.EmptyText, "1: messages[0].content: expected text of the user, actual white space." },
        { """{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null}]}""", DataProblem.WrongType, "1: messages[1].content: expected a value, actual null." },
        { """{"messages": [{"role": "user", "content": "a"}, {"role": "assistant"}]}""", DataProblem.MissingField, "1: messages[1].content: expected a value, actual none; fields: role." },
        { """{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": 3}]}""", DataProblem.WrongType, "1: messages[1].content: expected text, actual the number 3." },
        { """{"messages": [{"role": 1, "content": "a"}]}""", DataProblem.WrongType, "1: messages[0].role: expected text, actual the number 1." },
        { """{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}]}""", DataProblem.NotText, """1: messages[0].content[0].type: expected "text", actual "image_url".""" },
        { """{"messages": [{"role": "user", "content": [{"type": "text"}]}]}""", DataProblem.MissingField, "1: messages[0].content[0].text: expected a value, actual none; fields: type." },
        { """{"instruction": "a", "output": "b", "images": ["x.png"]}""", DataProblem.NotText, "1: images: expected text alone, actual a list that is not empty." },
        { """{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0.5}]}""", DataProblem.WrongType, "1: messages[1].weight: expected 0 or 1, actual the number 0.5." },
        { """{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "train": "no"}]}""", DataProblem.WrongType, "1: messages[1].train: expected true or false, actual text." },
        { """{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "train": true, "weight": 0}]}""", DataProblem.WrongType, "1: messages[1].weight: expected the same as train says, actual the number 0." },
        { """{"messages": [{"role": "user", "content": "a", "train": true}, {"role": "assistant", "content": "b"}]}""", DataProblem.WrongRoleOrder, "1: messages[0]: expected turns of the assistant to be taught, no others, actual a turn of another role that is." },
        { """{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "train": false}]}""", DataProblem.NothingToLearn, "1: tokens: expected at least one supervised token, actual none of 14." },
        { """{"conversations": [{"from": "human", "value": "a"}, {"from": "function_call", "value": "find(TP53)"}]}""", DataProblem.BrokenJson, """1: conversations[1].value: expected JSON as text, actual "find(TP53)".""" },
        { """{"conversations": [{"from": "human", "value": "a"}, {"from": "function_call", "value": "{\"name\": \"find\"}"}]}""", DataProblem.MissingField, "1: conversations[1].value[0].arguments: expected a value, actual none; fields: name." },
        { """{"conversations": [{"from": "human", "value": "a"}, {"from": "function_call", "value": "{\"name\": \"find\", \"arguments\": {}}"}]}""", DataProblem.TemplateMismatch, "1: conversations[1].value: expected a template that renders the call of find, actual one that leaves it out." },
        { """{"instruction": "a", "output": "b", "tools": "find"}""", DataProblem.BrokenJson, """1: tools: expected JSON as text, actual "find".""" },
        { """{"instruction": "a", "output": "b", "tools": {"name": "find"}}""", DataProblem.WrongType, "1: tools: expected a list of tools, actual an object." },
        { """{"instruction": "a", "output": "b", "id": 7}""" + "\n" + """{"instruction": "a", "output": "c", "id": 7}""", DataProblem.DuplicateId, """2: id: expected an id of its own, actual "7", as in line 1.""" },
        { Turns("user: a", "assistant: TP53 <think>b"), DataProblem.UnclosedReasoning, "1: messages[1].content: expected </think>, actual the end of the response after <think>." },
        { Turns("user: a", "assistant: b <|im_end|> c"), DataProblem.SpecialToken, "1: messages[1].content: expected text without special tokens of the tokenizer, actual <|im_end|>." },
    };

    [Theory]
    [MemberData(nameof(Zoo))]
    public void A_bad_row_is_refused_in_words(string rows, DataProblem problem, string message)
    {
        File.WriteAllText(_file, rows);
        Refuses(problem, message);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x7B, 0 }, DataProblem.NotRows, "1: file: expected UTF-8 text, JSON Lines or a JSON array, actual UTF-16.")]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0 }, DataProblem.NotRows, "1: file: expected UTF-8 text, JSON Lines or a JSON array, actual a gzip archive.")]
    [InlineData(new byte[] { 0x50, 0x41, 0x52, 0x31, 0 }, DataProblem.NotRows, "1: file: expected UTF-8 text, JSON Lines or a JSON array, actual a Parquet file.")]
    [InlineData(new byte[] { 0x7B, 0x22, 0xE4, 0x22, 0x7D }, DataProblem.BrokenText, "1: line: expected UTF-8, actual byte E4 at place 3.")]
    [InlineData(new byte[] { 0x5B, 0x0A, 0x22, 0xE4, 0x22, 0x5D }, DataProblem.NotRows, "2: file: expected UTF-8, actual byte E4 at place 4 of the file.")]
    public void A_file_of_other_bytes_is_refused(byte[] bytes, DataProblem problem, string message)
    {
        File.WriteAllBytes(_file, bytes);
        Refuses(problem, message);
    }

    [Fact]
    public void A_byte_order_mark_a_carriage_return_and_empty_lines_at_the_ends_are_fine()
    {
        File.WriteAllText(_file, $"\n{Good}\r\n{Good}\n\n \n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal([":2", ":3"], Read().Examples.Select(example => example.Name[^2..]));
        File.WriteAllText(_file, $"[{GoodAlpaca},\r\n{GoodAlpaca}]", Encoding.UTF8);
        Assert.Equal([":1", ":2"], Read().Examples.Select(example => example.Name[^2..]));
    }

    [Theory]
    [InlineData(nameof(Forgetful), DataProblem.TemplateRefuses, "1: messages: expected a conversation that the chat template renders, actual TemplateError: line 1: System turns are not known..")]
    [InlineData(nameof(Endless), DataProblem.EndNotTaught, "1: messages[2].content: expected a special token that ends the turn, actual none behind it.")]
    public void A_row_that_the_template_does_not_suit_is_refused(string template, DataProblem problem, string message)
    {
        File.WriteAllText(_file, Turns("system: Be short.", "user: a", "assistant: b"));
        Refuses(problem, message, chat: template == nameof(Endless) ? Endless : Forgetful);
    }

    [Fact]
    public void A_row_that_is_too_long_is_refused_and_cut_to_nothing_or_inside_its_response_also_where_length_is_not()
    {
        File.WriteAllText(_file, Good);
        Refuses(DataProblem.TooLong, "1: tokens: expected at most 10, actual 19.", new() { Cutoff = 10, Policies = s_strict });
        var lenient = s_strict with { TooLong = RowPolicy.Warn };
        Refuses(DataProblem.NothingToLearn, "1: tokens: expected at least one supervised token, actual none of 10 after cutting to length.", new() { Cutoff = 10, Policies = lenient });
        Refuses(DataProblem.TruncatedEnd, "1: tokens: expected the end of every response among the first 17, actual one that runs from 15 to 18.", new() { Cutoff = 17, Policies = lenient });
    }

    [Fact]
    public void Policies_refuse_count_or_leave_out_kind_by_kind()
    {
        File.WriteAllText(_file, string.Join('\n', Good, "nonsense", Turns("user: a"), Turns("user: a", "assistant: TP53 <think>b"), Turns("user: a <|im_end|>", "assistant: b")));
        var rows = Read(new() { Policies = RowPolicies.SkipUnusable with { UnclosedReasoning = RowPolicy.Skip } });
        Assert.Equal(2, rows.Examples.Count);
        Assert.Equal((1, 1, 1), (rows.Report.Skipped[DataProblem.BrokenJson], rows.Report.Skipped[DataProblem.WrongRoleOrder], rows.Report.Skipped[DataProblem.UnclosedReasoning]));
        Assert.Equal(1, Assert.Single(rows.Report.Warned).Value);
        Assert.StartsWith("2 rows used, 1 warnings (SpecialToken 1), 3 left out (BrokenJson 1, WrongRoleOrder 1, UnclosedReasoning 1); first: ", rows.Report.ToString());
        Assert.NotEqual(3, Read(new() { Policies = RowPolicies.SkipUnusable with { UnclosedReasoning = RowPolicy.Skip, SpecialToken = RowPolicy.Skip } }).Examples.Count); // the wrong variant: a policy that changes nothing
        Assert.Contains("NothingToLearn: expected Refuse or Skip (such a row cannot be used), actual Warn", new RowPolicies { NothingToLearn = RowPolicy.Warn }.Validate());
        Assert.Throws<DataFileException>(() => Read(new()));
    }

    [Fact]
    public void A_file_without_a_usable_row_is_refused_whatever_the_policies()
    {
        File.WriteAllText(_file, "nonsense\nmore");
        Assert.Equal(DataProblem.EmptyFile, Assert.Throws<DataFileException>(() => Read(new() { Policies = RowPolicies.SkipUnusable })).Problem);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    private static string Turns(params string[] turns) =>
        JsonSerializer.Serialize(new { messages = turns.Select(turn => new { role = turn.Split(": ")[0], content = turn.Split(": ")[1] }) });

    private void Refuses(DataProblem problem, string message, RowOptions? options = null, IChatRenderer? chat = null)
    {
        var error = Assert.Throws<DataFileException>(() => Read(options, chat));
        Assert.Equal(problem, error.Problem);
        Assert.EndsWith($"rows.jsonl:{message}", error.Message);
    }

    private RowSet Read(RowOptions? options = null, IChatRenderer? chat = null) => RowSet.Read(_file, Tokenizer, chat ?? Tagged, options ?? new() { Policies = s_strict });
}
