using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>Keeps what a cell shows.</summary>
internal sealed class RecordingSink : ICellSink
{
    private readonly List<CellOutput> _outputs = [];

    public Queue<string> Answers { get; } = [];

    public List<(string Prompt, bool Secret)> Questions { get; } = [];

    public IReadOnlyList<CellOutput> Outputs
    {
        get
        {
            lock (_outputs)
                return [.. _outputs];
        }
    }

    public string StandardOutput => Stream(false);

    public string StandardError => Stream(true);

    public CellError? Error => Outputs.OfType<ErrorOutput>().SingleOrDefault()?.Error;

    public string? Result => Outputs.OfType<ResultOutput>().SingleOrDefault()?.Data["text/plain"].GetValue<string>();

    /// <summary>Waits until the cell has printed something.</summary>
    public async Task WaitForTextAsync()
    {
        for (var turn = 0; turn < 2000 && StandardOutput.Length == 0; turn++)
            await Task.Delay(10);
        Assert.NotEqual("", StandardOutput);
    }

    public void Receive(CellOutput output)
    {
        lock (_outputs)
            _outputs.Add(output);
    }

    public string? Read(string prompt, bool secret)
    {
        Questions.Add((prompt, secret));
        return Answers.TryDequeue(out var answer) ? answer : null;
    }

    private string Stream(bool isError) => string.Concat(Outputs.OfType<StreamOutput>().Where(o => o.IsError == isError).Select(o => o.Text));
}
