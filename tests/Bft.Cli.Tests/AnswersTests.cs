using System.Text.Json.Nodes;
using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Models.Generation;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Tokenization;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>Answers to a file of prompts: when they are written, in which order, and what a run finds that was killed.</summary>
public sealed class AnswersTests : IDisposable
{
    private static readonly string s_model = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly ScratchFolder _folder = new();
    private readonly OpenModel _open;
    private readonly IReadOnlyList<PromptRow> _prompts;

    public AnswersTests()
    {
        string[] texts = ["TP53 is a gene that", "A drug", "KRAS", "The cell line", "Imatinib inhibits", "A disease of", "Which"];
        File.WriteAllLines(_folder["in.jsonl"], texts.Select((text, i) => new JsonObject { ["id"] = i, ["prompt"] = text }.ToJsonString()));
        _prompts = PromptRow.Read(_folder["in.jsonl"]);
        _open = new(s_model, CausalLm.Load(s_model, TorchSharp.torch.ScalarType.Float32), null, HfTokenizer.Load(s_model));
    }

    public void Dispose()
    {
        _open.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void What_is_drawn_depends_on_no_batch_and_rows_keep_their_order(int batch)
    {
        var one = Answer("a.jsonl", batch);
        Assert.Equal(_prompts.Select(prompt => prompt.Row.GetProperty("id").GetInt32()), one.Select(line => JsonNode.Parse(line)!["id"]!.GetValue<int>()));
        Assert.Equal(Responses(Answer("b.jsonl", 2)), Responses(one));
        Assert.NotEqual(Responses(Answer("c.jsonl", 2, seed: 9)), Responses(one)); // the wrong variant: other draws
    }

    [Fact]
    public async Task Every_line_is_on_disk_when_it_is_finished_and_a_killed_run_goes_on_to_the_same_bytes()
    {
        var whole = Answer("whole.jsonl", 2);
        using (var file = AnswerFile.Open(_folder["part.jsonl"], _prompts, resume: false))
        using (var stop = new CancellationTokenSource())
        {
            var watching = Task.Run(async () =>
            {
                while (Lines("part.jsonl").Length < 3)
                    await Task.Delay(1);
                stop.Cancel();
            });
            try
            {
                Answers.Write(_open, _prompts, Options(3), 2, file, stop.Token);
            }
            catch (OperationCanceledException)
            {
                // as a kill would, at a moment of its own
            }

            await watching; // it ends: in the end there are seven lines

            var there = Lines("part.jsonl"); // the file is still open
            Assert.InRange(there.Length, 3, whole.Length);
            Assert.Equal(whole[..there.Length], there);
        }

        foreach (var kept in (int[])[0, 1, 3, 4, 6, 7])
        {
            File.WriteAllText(_folder["part.jsonl"], string.Concat(whole[..kept].Select(line => line + "\n")) + (kept < whole.Length ? whole[kept][..(5 * kept)] : "")); // and half a line
            using var file = AnswerFile.Open(_folder["part.jsonl"], _prompts, resume: true);
            Assert.Equal(kept, file.Done);
            Answers.Write(_open, _prompts, Options(3), 2, file, default);
            Assert.Equal(Responses(whole), Responses(Lines("part.jsonl")));
        }
    }

    [Fact]
    public void Answers_to_other_prompts_are_not_gone_on_with()
    {
        Answer("a.jsonl", 7);
        var lines = Lines("a.jsonl");
        File.WriteAllLines(_folder["a.jsonl"], [lines[1], lines[0]]);
        Assert.Contains("a.jsonl:1: expected the answer to", Assert.Throws<InvalidDataException>(() => AnswerFile.Open(_folder["a.jsonl"], _prompts, true)).Message, StringComparison.Ordinal);
        File.WriteAllLines(_folder["a.jsonl"], [.. lines, lines[0]]);
        Assert.Contains("a.jsonl:8: expected the answer to nothing more", Assert.Throws<InvalidDataException>(() => AnswerFile.Open(_folder["a.jsonl"], _prompts, true)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => AnswerFile.Open(_folder["a.jsonl"], _prompts, false));
        Assert.Equal(8, Lines("a.jsonl").Length); // nothing was touched
    }

    [Fact]
    public void Progress_says_how_much_is_left_and_says_it_seldom()
    {
        var clock = new HandClock();
        var output = new StringWriter();
        var progress = new AnswerProgress(10, 2, clock, output);
        for (var row = 2; row < 10; row++)
        {
            clock.Seconds += 4;
            progress.Tokens += 10;
            progress.Finished();
        }

        Assert.Equal(
            ["5 of 10 rows, 30 tokens, 2.5 a second, 00:00:20 left", "8 of 10 rows, 60 tokens, 2.5 a second, 00:00:08 left", "10 of 10 rows, 80 tokens, 2.5 a second, 00:00:00 left"],
            output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private string[] Answer(string name, int batch, ulong seed = 3)
    {
        using (var file = AnswerFile.Open(_folder[name], _prompts, resume: false))
            Answers.Write(_open, _prompts, Options(seed), batch, file, default);
        return Lines(name);
    }

    private string[] Lines(string name)
    {
        if (!File.Exists(_folder[name]))
            return [];
        using var reader = new StreamReader(new FileStream(_folder[name], FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return text.Split('\n')[..^1];
    }

    private static GenerationOptions Options(ulong seed) => new() { MaxNewTokens = 8, EosTokenIds = [.. Enumerable.Range(0, 3072).Where(id => id % 5 == 0).Select(id => (long)id)], Sample = true, Seed = seed };

    private static IEnumerable<(string, int, bool)> Responses(string[] lines) =>
        lines.Select(line => JsonNode.Parse(line)!).Select(row => (row["response"]!.GetValue<string>(), row["tokens"]!.GetValue<int>(), row["ended"]!.GetValue<bool>()));

    private sealed class HandClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
