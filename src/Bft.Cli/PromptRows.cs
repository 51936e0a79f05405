using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bft.Research.Checkpoints;
using Bft.Research.Data;
using Bft.Research.Models.Generation;
using Bft.Research.Tokenization;

namespace Bft.Cli;

/// <summary>A file of prompts that are answered: JSON Lines of objects with <c>prompt</c> (continued as it stands), <c>message</c> or <c>messages</c> (answered through the chat template).</summary>
internal sealed class PromptRows
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly IReadOnlyList<(JsonObject Row, string Name)> _rows;

    private PromptRows(IReadOnlyList<(JsonObject, string)> rows) => _rows = rows;

    /// <exception cref="DataFileException">A line is no object, or has none or several of the three fields.</exception>
    public static PromptRows Read(string file)
    {
        if (!File.Exists(file))
            throw new InvalidDataException($"--input {file}: no such file.");
        List<(JsonObject, string)> rows = [];
        foreach (var line in File.ReadLines(file))
            rows.Add(Parse(line, $"{file}:{rows.Count + 1}"));
        return rows.Count > 0 ? new(rows) : throw new DataFileException(DataProblem.EmptyFile, $"{file}:1", "file", "rows", "an empty file");
    }

    /// <summary>Answers all rows; an object a row with what it had, <c>response</c>, <c>tokens</c>, <c>logProb</c> (nats, of all tokens) and <c>ended</c>.</summary>
    public (int Tokens, bool Ended) Answer(OpenModel open, GenerationOptions options, int batch, string? output, CancellationToken cancellation)
    {
        var template = _rows.Any(row => !row.Row.ContainsKey("prompt")) ? open.Template() : null;
        long[][] prompts = [.. _rows.Select(row => Ids(row.Row, row.Name, open.Tokenizer, template))];
        var tokens = 0;
        var ended = true;
        void Write(TextWriter writer)
        {
            foreach (var rows in Enumerable.Range(0, prompts.Length).Chunk(Math.Max(1, batch)))
            {
                var made = Generator.Generate(open.Model, [.. rows.Select(i => prompts[i])], options with { Seed = options.Seed + (ulong)rows[0] }, cancellation);
                for (var i = 0; i < rows.Length; i++)
                    writer.WriteLine(Answered(_rows[rows[i]].Row, made[i], open.Tokenizer).ToJsonString(s_json));
                writer.Flush();
                tokens += made.Sum(row => row.Tokens.Length);
                ended &= made.All(row => row.Ended);
            }
        }

        if (output is null)
            Write(Console.Out);
        else
            AtomicOutput.WriteFile(output, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                Write(writer);
            });
        return (tokens, ended);
    }

    private static (JsonObject, string) Parse(string line, string name)
    {
        try
        {
            var row = JsonNode.Parse(line) as JsonObject ?? throw new DataFileException(DataProblem.WrongType, name, "line", "an object", "something else");
            string[] given = [.. new[] { "prompt", "message", "messages" }.Where(row.ContainsKey)];
            return given.Length == 1
                ? (row, name)
                : throw new DataFileException(DataProblem.MissingField, name, "line", "one of prompt, message and messages", given.Length == 0 ? string.Join(", ", row.Select(m => m.Key)) : string.Join(", ", given));
        }
        catch (JsonException e)
        {
            throw new DataFileException(DataProblem.BrokenJson, name, "line", "one JSON object", e.Message);
        }
    }

    private static long[] Ids(JsonObject row, string name, HfTokenizer tokenizer, ChatTemplate? template)
    {
        if (row.ContainsKey("prompt"))
            return [.. tokenizer.Encode(Text(row["prompt"], name, "prompt")).Ids.Select(id => (long)id)];
        ChatMessage[] turns = row["message"] is { } message
            ? [new("user", Text(message, name, "message"))]
            : [.. (row["messages"] as JsonArray ?? throw Wrong(name, "messages", "a list of turns")).Select((turn, i) => new ChatMessage(Text(turn?["role"], name, $"messages[{i}].role"), Text(turn?["content"], name, $"messages[{i}].content")))];
        return [.. tokenizer.Encode(template!.Render(turns, addGenerationPrompt: true).Text, addSpecialTokens: false).Ids.Select(id => (long)id)];
    }

    private static JsonObject Answered(JsonObject row, Continuation made, HfTokenizer tokenizer)
    {
        var answered = row.DeepClone().AsObject();
        answered["response"] = tokenizer.Decode(made.Tokens.Select(id => (int)id), skipSpecialTokens: true);
        answered["tokens"] = made.Tokens.Length;
        answered["logProb"] = made.LogProbs.Sum();
        answered["ended"] = made.Ended;
        return answered;
    }

    private static string Text(JsonNode? node, string name, string field) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : throw Wrong(name, field, "text");

    private static DataFileException Wrong(string name, string field, string expected) => new(DataProblem.WrongType, name, field, expected, "something else");
}
