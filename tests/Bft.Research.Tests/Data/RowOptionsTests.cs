using Bft.Research.Data;
using Bft.Research.Runs;
using Bft.Research.Tokenization;
using Bft.Research.Training;
using static Bft.Research.Tests.Data.ChatTokenizer;

namespace Bft.Research.Tests.Data;

/// <summary>The options of rows: what is wrong with them, in files, and by the names of LLaMA-Factory.</summary>
public class RowOptionsTests
{
    [Fact]
    public void All_problems_are_named_at_once()
    {
        var problems = new RowOptions
        {
            Cutoff = 1,
            PackLength = 5,
            TokensPerMicroBatch = 1,
            Form = (ConversationForm)9,
            Teach = (TaughtPart)9,
            Reasoning = (ReasoningMask)9,
            ReasoningClose = "<think>",
            Order = (RowOrder)9,
            Policies = new() { Malformed = RowPolicy.Warn, TooLong = (RowPolicy)9 },
        }.Validate();
        Assert.All(
            ["Cutoff: expected at least 2 tokens, actual 1", "PackLength: expected RowPacking.BestFit beside it, actual None", "TokensPerMicroBatch", "Form", "Teach", "Reasoning:", "ReasoningOpen", "Order", "Policies.Malformed", "Policies.TooLong"],
            start => Assert.Contains(problems, problem => problem.StartsWith(start, StringComparison.Ordinal)));
        Assert.Empty(new RowOptions().Validate());
        Assert.Contains("TokensPerMicroBatch: expected at least one packed row (2048), actual 1000", new RowOptions { Packing = RowPacking.BestFit, TokensPerMicroBatch = 1000 }.Validate());
    }

    /// <summary>What an option changes, by its name; an option that is missing here fails the test.</summary>
    private static readonly Dictionary<string, RowOptions> s_other = new()
    {
        [nameof(RowOptions.Form)] = new() { Form = ConversationForm.ShareGpt },
        [nameof(RowOptions.Columns)] = new() { Columns = new() { UserTag = "assistant", AssistantTag = "user" } },
        [nameof(RowOptions.Plain)] = new() { Plain = true },
        [nameof(RowOptions.TemplateMark)] = new() { TemplateMark = "[INST]" },
        [nameof(RowOptions.Supervision)] = new() { Supervision = Supervision.PrefixDifference },
        [nameof(RowOptions.Teach)] = new() { Teach = TaughtPart.LastResponse },
        [nameof(RowOptions.Reasoning)] = new() { Reasoning = ReasoningMask.OnlyAfter },
        [nameof(RowOptions.ReasoningOpen)] = new() { ReasoningOpen = "[think]" },
        [nameof(RowOptions.ReasoningClose)] = new() { ReasoningClose = "[/think]" },
        [nameof(RowOptions.TeachEnd)] = new() { TeachEnd = false },
        [nameof(RowOptions.Cutoff)] = new() { Cutoff = 30 },
        [nameof(RowOptions.Order)] = new() { Order = RowOrder.AsRead },
        [nameof(RowOptions.Packing)] = new() { Packing = RowPacking.PaddingFree },
        [nameof(RowOptions.PackLength)] = new() { PackLength = 4096 },
        [nameof(RowOptions.TokensPerMicroBatch)] = new() { TokensPerMicroBatch = 400 },
        [nameof(RowOptions.Policies)] = new() { Policies = new() { UnclosedReasoning = RowPolicy.Skip } },
    };

    [Fact]
    public void Every_option_changes_something()
    {
        foreach (var property in typeof(RowOptions).GetProperties().Where(property => property.CanWrite))
        {
            Assert.True(s_other.TryGetValue(property.Name, out var other), $"{property.Name} is not tried");
            var start = property.Name switch // some options act beside others only
            {
                nameof(RowOptions.ReasoningOpen) => new RowOptions { Reasoning = ReasoningMask.Mask },
                nameof(RowOptions.ReasoningClose) => new RowOptions { Reasoning = ReasoningMask.OnlyAfter },
                nameof(RowOptions.PackLength) => new RowOptions { Packing = RowPacking.BestFit },
                _ => new RowOptions(),
            };
            var changed = start with { };
            property.SetValue(changed, property.GetValue(other));
            Assert.True(Outcome(start) != Outcome(changed), $"{property.Name} changes nothing");
        }
    }

    /// <summary>What a trainer would get, as text: the micro-batches of an epoch, or the message of a refusal.</summary>
    private static string Outcome(RowOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("rows").FullName;
        var file = Path.Combine(folder, "rows.jsonl");
        try
        {
            File.WriteAllLines(file, Enumerable.Range(0, 40).Select(i => $$"""{"messages": [{"role": "user", "content": "Name a gene. {{new string('x', i)}}"}, {"role": "assistant", "content": "TP53 <think>{{(i == 7 ? "" : "a</think>")}} gene"}, {"role": "user", "content": "Another?"}, {"role": "assistant", "content": "BRCA1"}]}"""));
            File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), TaggedText);
            var rows = RowSet.Read(file, Tokenizer, ChatTemplate.Load(folder, options.TemplateMark), options);
            var plan = BatchPlan.Over(rows, new() { Rows = options, RowsPerMicroBatch = 30, Accumulation = 1, Epochs = 1 });
            return string.Join('\n', Enumerable.Range(0, plan.Steps).SelectMany(step => plan[step]).Select(batch => $"{batch.Rows}x{batch.Length}: {string.Join(' ', batch.InputIds)} | {string.Join(' ', batch.Scored.Positions)} | {string.Join(' ', batch.Scored.Starts)}"));
        }
        catch (DataFileException refusal)
        {
            return refusal.Problem.ToString();
        }
        catch (TokenizerException refusal)
        {
            return refusal.Message;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("train_on_prompt: true", TaughtPart.WholeText, RowPacking.None, RowOrder.Shuffled)]
    [InlineData("mask_history: true", TaughtPart.LastResponse, RowPacking.None, RowOrder.Shuffled)]
    [InlineData("packing: true", TaughtPart.EveryResponse, RowPacking.BestFit, RowOrder.Shuffled)]
    [InlineData("group_by_length: true", TaughtPart.EveryResponse, RowPacking.None, RowOrder.GroupedByLength)]
    [InlineData("teach: lastResponse", TaughtPart.LastResponse, RowPacking.None, RowOrder.Shuffled)]
    [InlineData("rows: {packing: paddingFree, order: asRead}", TaughtPart.EveryResponse, RowPacking.PaddingFree, RowOrder.AsRead)]
    public void Names_of_other_tools_and_our_own_mean_the_same(string line, TaughtPart teach, RowPacking packing, RowOrder order)
    {
        var rows = RunFile.Parse($"model: m\ndata: a.jsonl\noutput: o\n{line}", "run.yaml").Trainer.Rows;
        Assert.Equal((teach, packing, order), (rows.Teach, rows.Packing, rows.Order));
    }

    [Fact]
    public void A_data_set_of_dataset_info_brings_columns_and_tags()
    {
        var folder = Directory.CreateTempSubdirectory("datasets").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "dataset_info.json"), """
                {"talks": {"file_name": "talks.json", "formatting": "sharegpt", "columns": {"messages": "dialogue", "system": ""}, "tags": {"role_tag": "who", "content_tag": "says", "user_tag": "doctor", "assistant_tag": "helper"}}}
                """);
            File.WriteAllText(Path.Combine(folder, "talks.json"), """[{"dialogue": [{"who": "doctor", "says": "a"}, {"who": "helper", "says": "b"}]}]""");
            var source = Assert.Single(RunFile.Parse($"model: m\ndataset: talks\ndataset_dir: {folder}\noutput: o", "run.yaml").Data);
            var talk = Assert.Single(ConversationReader.Read(source.File, new() { Form = source.Form!.Value, Columns = source.Columns! }));
            Assert.Equal([("user", "a"), ("assistant", "b")], talk.Messages.Select(message => (message.Role, message.Content)));
            Assert.Throws<DataFileException>(() => ConversationReader.Read(source.File).ToList()); // without the entry nothing says where the turns are
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
