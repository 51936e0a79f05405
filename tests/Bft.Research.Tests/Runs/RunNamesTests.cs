using Bft.Research.Runs;

namespace Bft.Research.Tests.Runs;

/// <summary>The table of other tools' names: every line means something that exists, and does what it says.</summary>
public sealed class RunNamesTests
{
    private const string Start = "model: m\ndata: a.jsonl\noutput: o\n";

    /// <summary>Names whose line is tested elsewhere because it needs files, or that are required options themselves.</summary>
    private static readonly string[] s_elsewhere = ["dataset", "eval_dataset", "dataset_dir", "max_samples", "model_name_or_path", "output_dir"];

    public static TheoryData<string, string> Lines => [.. RunNames.All.Where(line => !s_elsewhere.Contains(line.Name)).Select(line => (line.Name, line.Value)).Distinct()];

    [Fact]
    public void Every_path_and_value_of_the_table_exists_and_every_refusal_has_a_reason() => Assert.Empty(Problems(RunNames.All));

    [Theory]
    [InlineData("a\t*\tis\ttrainer.lora.rnk")]
    [InlineData("a\ttrue\tset\ttrainer.schedule=Cosin")]
    [InlineData("a\ttrue\tset\ttrainer.scedule=Cosine")]
    [InlineData("a\t*\tignore\t")]
    public void A_wrong_line_is_noticed(string line) => Assert.Single(Problems(RunNames.Parse(new StringReader(line))));

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_line_does_what_it_says(string name, string value)
    {
        var line = RunNames.All.First(one => one.Name == name && one.Value == value);
        List<RunRemark> remarks = [];
        var beside = Beside(name, value);
        RunOptions Read(string written) => RunFile.Parse($"{Start}{name}: {written}{beside}", "run.yaml", remarks: remarks);

        var written = value != "*" ? value : line.Rule is NameRule.Is or NameRule.List ? Sample(line.Text) : "anything";
        if (line.Rule == NameRule.Inside)
            return; // its members are lines of their own
        if (line.Rule == NameRule.Refuse)
        {
            Assert.Equal($"run.yaml:4: {name}: '{written}' cannot be honoured: {line.Text}.", Assert.Throws<InvalidDataException>(() => Read(written)).Message);
            return;
        }

        var read = RunFile.Write(Read(written));
        var remark = Assert.Single(remarks);
        Assert.Equal((line.Rule == NameRule.Ignore ? RemarkKind.Ignored : RemarkKind.Translated, "run.yaml:4", name), (remark.Kind, remark.Origin, remark.Name));
        if (line.Rule == NameRule.Ignore)
            Assert.Equal(RunFile.Write(RunFile.Parse(Start, "")), read);
        if (line.Rule is NameRule.Is or NameRule.List)
            Assert.NotEqual(RunFile.Write(RunFile.Parse(Start, "")), read);
        if (beside.Length == 0)
            Assert.Equal(RunFile.Write(RunFile.Parse(Start, "")), RunFile.Write(Read("null"))); // null is as good as absent
    }

    [Fact]
    public void The_released_flag_reads_the_released_environment_variables()
    {
        var variables = new Dictionary<string, string> { ["BFT_GROUP_SIZE"] = "64", ["BFT_CONF_GAMMA"] = "0.5" };
        RunOptions Read(string lines, bool given) => RunFile.Parse(Start + lines, "run.yaml", environment: given ? variables.GetValueOrDefault : null);
        Assert.Equal((64, 0.5), (Read("use_bft_loss: true", true).Trainer.Objective.ConfidenceWindow, Read("use_bft_loss: true", true).Trainer.Objective.Gamma));
        Assert.Equal((256, 1.0), (Read("use_bft_loss: true", false).Trainer.Objective.ConfidenceWindow, Read("use_bft_loss: true", false).Trainer.Objective.Gamma));
        Assert.Equal((256, 1.0), (Read("objective: bft-v3", true).Trainer.Objective.ConfidenceWindow, Read("objective: bft-v3", true).Trainer.Objective.Gamma));
        Assert.Equal(32, Read("use_bft_loss: true\nbft_group_size: 32", true).Trainer.Objective.ConfidenceWindow);
        variables["BFT_GROUP_SIZE"] = "many";
        Assert.Contains("run.yaml:4: trainer.objective.confidenceWindow: expected a whole number, actual 'many'", Assert.Throws<InvalidDataException>(() => Read("use_bft_loss: true", true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_no_line_has_is_refused_with_those_that_there_are()
    {
        var error = Assert.Throws<InvalidDataException>(() => RunFile.Parse(Start + "use_bft_loss: perhaps", "run.yaml")).Message;
        Assert.Equal("run.yaml:4: use_bft_loss: expected one of true, false, actual 'perhaps'.", error);
    }

    /// <summary>What a name needs beside it: the schedule that reads a number, the numbers that a schedule needs.</summary>
    private static string Beside(string name, string value) => (name, value) switch
    {
        ("lr_scheduler_type", "cosine_with_min_lr" or "cosine_warmup_with_min_lr") => "\nminimumRatio: 0.1",
        ("lr_scheduler_type", "warmup_stable_decay") => "\ndecaySteps: 3",
        ("lr_scheduler_kwargs.min_lr", _) => "\nschedule: CosineWithMinimum\nlearningRate: 1",
        ("lr_scheduler_kwargs.min_lr_rate" or "lr_scheduler_kwargs.min_lr_ratio", _) => "\nschedule: CosineWithMinimum",
        ("lr_scheduler_kwargs.num_cycles", _) => "\nschedule: CosineWithRestarts",
        ("lr_scheduler_kwargs.power", _) => "\nschedule: Polynomial",
        ("lr_scheduler_kwargs.lr_end", _) => "\nschedule: Polynomial\nlearningRate: 1",
        ("lr_scheduler_kwargs.timescale", _) => "\nschedule: InverseSquareRoot",
        ("lr_scheduler_kwargs.warmup_lr_rate", _) => "\nschedule: CosineWarmupWithMinimum\nminimumRatio: 0.1",
        ("lr_scheduler_kwargs.num_decay_steps", _) => "\nschedule: WarmupStableDecay",
        (_, _) when name.StartsWith("lr_scheduler_kwargs.", StringComparison.Ordinal) => "\nschedule: WarmupStableDecay\ndecaySteps: 3",
        _ => "",
    };

    /// <summary>A value that is allowed and differs from the default.</summary>
    private static string Sample(string path)
    {
        var type = RunSchema.Training.Options.Single(option => option.Path == path).Field.PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return path switch
        {
            "trainer.objective.gamma" => "0.5\nobjective: bft-v1-code",
            "trainer.stopping.patience" => "3\nevaluateEvery: 5",
            _ when type == typeof(bool) => "true",
            _ when type == typeof(double) => "0.25",
            _ when type == typeof(int) || type == typeof(long) => "7",
            _ when type == typeof(string) => "x",
            _ when type.IsEnum => Enum.GetNames(type)[1],
            _ when type.IsAssignableTo(typeof(System.Collections.IEnumerable)) && type.GetGenericArguments().Length == 2 => "{q_proj: 4}",
            _ => "q_proj",
        };
    }

    private static List<string> Problems(IEnumerable<RunName> lines)
    {
        List<string> problems = [];
        foreach (var line in lines)
            if (line.Rule is NameRule.Is or NameRule.List or NameRule.Dataset)
            {
                if (RunSchema.Training.Options.All(option => option.Path != line.Text))
                    problems.Add($"{line.Name}: no option {line.Text}");
            }
            else if (line.Rule == NameRule.Set)
            {
                try
                {
                    RunFile.Parse(Start + string.Join('\n', line.Settings(null).Select(s => $"{s.Path}: {s.Value}")) + Beside(line.Name, line.Value), line.Name);
                }
                catch (InvalidDataException e)
                {
                    problems.Add(e.Message);
                }
            }
            else if (line.Rule is not (NameRule.With or NameRule.Inside) && line.Text.Length == 0)
            {
                problems.Add($"{line.Name}: no reason");
            }

        return problems;
    }
}
