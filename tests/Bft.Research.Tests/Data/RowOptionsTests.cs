using Bft.Research.Data;
using Bft.Research.Runs;

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
