using Bft.Research.Data;
using Bft.Research.Evaluation;
using Bft.Research.Runs;

namespace Bft.Cli;

/// <summary>What <c>bft eval</c> measures a model on, and how.</summary>
internal sealed record EvalOptions : ModelUseOptions
{
    /// <summary>Conversations whose responses are measured.</summary>
    public IReadOnlyList<DataSource> Data { get; init; } = [];

    /// <summary>Running text: .txt, or JSON Lines with a field <c>text</c>.</summary>
    public IReadOnlyList<string> Text { get; init; } = [];

    /// <summary>Multiple-choice questions: JSON Lines with question, choices, answer.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Whether choices are scored as texts or as letters.</summary>
    public ChoiceForm ChoiceForm { get; init; }

    /// <summary>How rows become tokens with labels: form, what is measured of them, longest row; as in training.</summary>
    public RowOptions Rows { get; init; } = new();

    /// <summary>Tokens in a confidence window.</summary>
    public int Window { get; init; } = 256;

    /// <summary>Rows that go through the model together.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Most rows, texts or questions of each file; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>How often rows are drawn again for the 95 % intervals.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>Seed of these draws.</summary>
    public long Seed { get; init; }

    /// <summary>File for the numbers; null for none.</summary>
    public string? Json { get; init; }

    /// <inheritdoc/>
    protected override void AddProblems(List<string> problems)
    {
        void Check(bool good, string name, string expected, object? actual)
        {
            if (!good)
                problems.Add($"{name}: expected {expected}, actual {actual}");
        }

        Check(Data.Count + Text.Count + Choices.Count > 0, nameof(Data), $"a file of {nameof(Data)}, {nameof(Text)} or {nameof(Choices)}", "none");
        for (var i = 0; i < Data.Count; i++)
            problems.AddRange(Data[i].Validate().Select(problem => $"{nameof(Data)}[{i}].{problem}"));
        Check(Window >= 1, nameof(Window), "a whole number above 0", Window);
        Check(Batch >= 1, nameof(Batch), "a whole number above 0", Batch);
        Check(Limit is null or >= 1, nameof(Limit), "a whole number above 0", Limit);
        Check(Resamples >= 1, nameof(Resamples), "a whole number above 0", Resamples);
        Check(Seed >= 0, nameof(Seed), "a whole number of at least 0", Seed);
        problems.AddRange(Rows.Validate().Select(problem => $"{nameof(Rows)}.{problem}"));
    }
}
