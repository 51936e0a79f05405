using Bft.Research.Data;
using Bft.Research.Runs;
using Bft.Research.Tests.Checkpoints;

namespace Bft.Research.Tests.Runs;

/// <summary>Data sets by the names that dataset_info.json gives them.</summary>
public sealed class DatasetInfoTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_become_files_with_their_form_columns_tags_and_limit()
    {
        Info("""
            {"pairs": {"file_name": "pairs.json", "columns": {"prompt": "q", "query": null, "response": "a"}},
             "talks": {"file_name": "talks.json", "formatting": "sharegpt", "columns": {"messages": "turns", "system": "sys"},
                       "tags": {"role_tag": "who", "content_tag": "what", "user_tag": "Q", "assistant_tag": "A"}, "num_samples": 5}}
            """);
        var data = Read("dataset: pairs, talks\nmax_samples: 3").Data;
        Assert.Equal([_folder["pairs.json"], _folder["talks.json"]], data.Select(source => source.File));
        Assert.Equal([ConversationForm.Alpaca, ConversationForm.ShareGpt], data.Select(source => source.Form!.Value));
        Assert.Equal([3, 3], data.Select(source => source.Limit!.Value));
        Assert.Equal(("q", "", "a", ""), (data[0].Columns!.Prompt, data[0].Columns!.Query, data[0].Columns!.Response, data[0].Columns!.System));
        var talks = data[1].Columns!;
        Assert.Equal(("turns", "sys", "who", "what", "Q", "A"), (talks.Messages, talks.System, talks.RoleTag, talks.ContentTag, talks.UserTag, talks.AssistantTag));
        Assert.Equal(5, Read("dataset: talks").Data[0].Limit);

        // the wrong variant: columns of one entry for the other
        File.WriteAllText(_folder["pairs.json"], """[{"q": "a", "a": "b", "instruction": "c", "output": "d"}]""");
        IEnumerable<string> Prompts(RowColumns columns) => ConversationReader.Read(_folder["pairs.json"], new() { Form = ConversationForm.Alpaca, Columns = columns }).Select(one => one.Messages[0].Content);
        Assert.Equal(["a"], Prompts(data[0].Columns!));
        Assert.Equal(["c"], Prompts(talks));
    }

    [Theory]
    [InlineData("""{"a": {"file_name": "a.json"}}""", "dataset: b", "run.yaml:4: dataset: INFO has no 'b'; the nearest is 'a'.")]
    [InlineData("""{"a": {"hf_hub_url": "x/y"}}""", "dataset: a", "INFO:1: a: expected file_name (only local files are read), actual an object with hf_hub_url.")]
    [InlineData("""{"a": {"file_name": "a.json", "ranking": true}}""", "dataset: a", "INFO:1: a: ranking cannot be honoured: preference pairs are for other objectives.")]
    [InlineData("""{"a": {"file_name": "a.json", "columns": {"images": "pics"}}}""", "dataset: a", "INFO:1: a: images cannot be honoured: text only.")]
    [InlineData("{\"a\": {\"file_name\": \"a.json\",\n\"columns\": {\"promt\": \"q\"}}}", "dataset: a", "INFO:2: dataset[0].columns.promt: there is no such option; the nearest is 'prompt'.")]
    [InlineData("""{"a": {"file_name": "a.json", "formatting": "parquet"}}""", "dataset: a", "INFO:1: dataset[0].form: expected one of Detect, Alpaca, ShareGpt, Messages, actual 'parquet'.")]
    [InlineData("[]", "dataset: a", "INFO:1: expected options by name, actual a list of 0.")]
    public void What_cannot_be_honoured_is_said(string info, string line, string message)
    {
        Info(info);
        Assert.Equal(message.Replace("INFO", _folder["dataset_info.json"], StringComparison.Ordinal), Assert.Throws<InvalidDataException>(() => Read(line)).Message);
    }

    [Fact]
    public void A_folder_without_the_file_is_named() => Assert.Equal(
        $"run.yaml:4: dataset: expected the file {_folder["dataset_info.json"]} (dataset_dir names its folder), actual none.",
        Assert.Throws<InvalidDataException>(() => Read("dataset: a")).Message);

    private void Info(string json) => File.WriteAllText(_folder["dataset_info.json"], json);

    private RunOptions Read(string lines) => RunFile.Parse($"model: m\noutput: o\ndataset_dir: {_folder.Path}\n{lines}", "run.yaml");
}
