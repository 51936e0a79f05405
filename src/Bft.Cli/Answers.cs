using System.Text.Json.Nodes;
using Bft.Research.Data;
using Bft.Research.Models.Generation;

namespace Bft.Cli;

/// <summary>Answers a file of prompts: several at a time, written in the order of the prompts as soon as they are finished.</summary>
internal static class Answers
{
    /// <summary>The field with the text of an answer.</summary>
    public const string Response = "response";

    /// <summary>Everything that an answer adds to the object of its prompt: the text, the number of its tokens, their log-probability (nats, the sum), and whether it came to an end.</summary>
    public static IReadOnlyList<string> Fields { get; } = [Response, "tokens", "logProb", "ended"];

    /// <summary>Answers what is not answered yet. What a row draws depends on seed and its place in the file alone.</summary>
    /// <returns>Tokens made, and whether every answer came to an end.</returns>
    public static (int Tokens, bool Ended) Write(OpenModel open, IReadOnlyList<PromptRow> prompts, GenerationOptions options, int batch, AnswerFile file, CancellationToken cancellation)
    {
        var template = prompts.Any(row => row.Text is null) ? open.Template() : null;
        IReadOnlyList<long>[] ids = [.. prompts.Select(row => row.Encode(open.Tokenizer, template))];
        var progress = new AnswerProgress(prompts.Count, file.Done);
        var ended = true;
        foreach (var rows in Enumerable.Range(file.Done, prompts.Count - file.Done).Chunk(batch))
        {
            var pending = new PendingAnswers(rows.Length);
            foreach (var token in Generator.Stream(open.Model, [.. rows.Select(i => ids[i])], options with { FirstRow = rows[0] }, cancellation))
            {
                progress.Tokens++;
                foreach (var (row, made) in pending.Add(token, options.MaxNewTokens))
                {
                    file.Write(prompts[rows[row]].Row, Of(made, open));
                    ended &= made.Ended;
                    progress.Finished();
                }
            }
        }

        return (progress.Tokens, ended);
    }

    private static IEnumerable<(string, JsonNode)> Of(Continuation made, OpenModel open) =>
        Fields.Zip((JsonNode[])[open.Tokenizer.Decode(made.Tokens.Select(id => (int)id), skipSpecialTokens: true), made.Tokens.Length, made.LogProbs.Sum(), made.Ended]);

    /// <summary>Collects the tokens of rows that are made together, and lets finished ones go in their order.</summary>
    private sealed class PendingAnswers(int rows)
    {
        private readonly List<GeneratedToken>[] _tokens = [.. Enumerable.Range(0, rows).Select(_ => new List<GeneratedToken>())];
        private int _next;

        public IEnumerable<(int Row, Continuation Made)> Add(GeneratedToken token, int most)
        {
            _tokens[token.Row].Add(token);
            while (_next < _tokens.Length && _tokens[_next] is [.., var last] made && (last.Ends || made.Count == most))
                yield return (_next++, new() { Tokens = [.. made.Select(one => one.Id)], LogProbs = [.. made.Select(one => one.LogProb)], Ended = last.Ends });
        }
    }
}
