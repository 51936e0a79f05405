using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bft.Research.Data;

namespace Bft.Cli;

/// <summary>
/// Answers in JSON Lines, in the order of their prompts, each on disk before the next is waited for: a run that is killed leaves whole lines, and can go on behind them.
/// </summary>
internal sealed class AnswerFile : IDisposable
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Func<Stream> _open;
    private Stream? _stream;

    private AnswerFile(Func<Stream> open, int done) => (_open, Done) = (open, done);

    /// <summary>Answers that were there when the file was opened.</summary>
    public int Done { get; }

    /// <summary>Answers that go to standard output.</summary>
    public static AnswerFile ToStandardOutput() => new(Console.OpenStandardOutput, 0);

    /// <summary>Opens a file of answers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prompts">What is answered.</param>
    /// <param name="resume">Goes on behind the answers of an earlier run; otherwise the file must not be there, or be empty.</param>
    /// <exception cref="InvalidDataException">The file holds something, or, to go on with, other rows than these prompts.</exception>
    public static AnswerFile Open(string path, IReadOnlyList<PromptRow> prompts, bool resume)
    {
        if (File.Exists(path) && new FileInfo(path).Length > 0 && !resume)
            throw new InvalidDataException($"Output {path}: expected nothing or an empty file, or --resume to go on behind its answers, actual {new FileInfo(path).Length} bytes.");
        if (resume && File.Exists(path))
            DropBrokenEnd(path);
        var done = resume && File.Exists(path) && new FileInfo(path).Length > 0 ? Answered(path, prompts) : 0;
        return new(
            () =>
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
                return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            },
            done);
    }

    /// <summary>Writes the object of a prompt with its answer, in one piece.</summary>
    /// <param name="row">The object.</param>
    /// <param name="answer">Fields that are set in it.</param>
    public void Write(JsonElement row, IEnumerable<(string Name, JsonNode Value)> answer)
    {
        var answered = JsonObject.Create(row)!.DeepClone().AsObject();
        foreach (var (name, value) in answer)
            answered[name] = value;
        _stream ??= _open(); // not before there is something to write
        _stream.Write(Encoding.UTF8.GetBytes(answered.ToJsonString(s_json) + "\n"));
        _stream.Flush();
    }

    public void Dispose() => _stream?.Dispose();

    /// <summary>A line without its end was being written when the run died.</summary>
    private static void DropBrokenEnd(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        var length = stream.Length;
        while (length > 0)
        {
            stream.Position = length - 1;
            if (stream.ReadByte() == '\n')
                break;
            length--;
        }

        stream.SetLength(length);
    }

    private static int Answered(string path, IReadOnlyList<PromptRow> prompts)
    {
        var answers = PromptRow.Read(path);
        for (var i = 0; i < answers.Count; i++)
            if (i >= prompts.Count || !IsAnswerTo(answers[i].Row, prompts[i].Row))
                throw new InvalidDataException($"{answers[i].Name}: expected the answer to {(i < prompts.Count ? prompts[i].Name : "nothing more")}, actual another row: {path} is not of these prompts.");
        return answers.Count;
    }

    private static bool IsAnswerTo(JsonElement answer, JsonElement prompt) =>
        answer.TryGetProperty(Answers.Response, out _)
        && prompt.EnumerateObject().All(field => Answers.Fields.Contains(field.Name) || (answer.TryGetProperty(field.Name, out var same) && JsonElement.DeepEquals(same, field.Value)));
}
