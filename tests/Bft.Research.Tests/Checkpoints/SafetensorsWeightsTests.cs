using Bft.Research.Checkpoints;
using Bft.Tests;

namespace Bft.Research.Tests.Checkpoints;

public class SafetensorsWeightsTests
{
    [Theory]
    [InlineData("index-missing-shard", "model-00002-of-00002.safetensors: file: expected a readable file")]
    [InlineData("index-wrong-shard", "model.norm.weight: expected model-00002-of-00002.safetensors, which holds it, actual model-00001-of-00002.safetensors")]
    [InlineData("index-incomplete", "model.norm.weight: expected model-00002-of-00002.safetensors, which holds it, actual no entry")]
    [InlineData("index-not-json", "index: expected a JSON object")]
    [InlineData("index-no-weight-map", "weight_map: expected an object, actual none")]
    [InlineData("index-path-outside", "expected the name of a .safetensors file in this folder, actual ../missing-tensor/model.safetensors")]
    [InlineData("no-weights", "weights: expected model.safetensors or model.safetensors.index.json, actual neither")]
    public void A_folder_that_does_not_fit_together_is_refused(string name, string message)
    {
        var folder = SharedFolder.Require("golden", "models", "bad", name);
        Assert.Contains(message, Assert.Throws<CheckpointException>(() => SafetensorsWeights.Open(folder)).Message);
    }

    [Theory]
    [InlineData("a\\b.safetensors")]
    [InlineData("/etc/x.safetensors")]
    [InlineData("..")]
    [InlineData("")]
    public void A_shard_name_that_is_no_plain_file_name_is_refused(string shard)
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["i.json"], $$$"""{"weight_map":{"a":{{{System.Text.Json.JsonSerializer.Serialize(shard)}}}}}""");
        Assert.Throws<CheckpointException>(() => SafetensorsIndex.Read(folder["i.json"]));
    }

    [Fact]
    public void A_missing_tensor_of_a_shard_is_named()
    {
        using var folder = new ScratchFolder();
        folder.Safetensors("s.safetensors", "{}");
        File.WriteAllText(folder[SafetensorsIndex.FileName], """{"weight_map":{"a":"s.safetensors"}}""");
        Assert.Contains("a: expected a tensor of this name in s.safetensors", Assert.Throws<CheckpointException>(() => SafetensorsWeights.Open(folder.Path)).Message);
    }

    [Fact]
    public void Weights_are_converted_on_load_but_integers_never_pass_as_floats()
    {
        using var folder = new ScratchFolder();
        folder.Safetensors("model.safetensors", """{"i":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"f":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]}}""", 1, 0, 0, 0, 0xc0, 0x3f);
        using var weights = SafetensorsWeights.Open(folder.Path);
        using var half = weights.Load("f", torch.ScalarType.Float64, torch.CPU);
        Assert.Equal(1.5, half.item<double>());
        Assert.Equal(("BF16", torch.ScalarType.BFloat16), (weights.Describe("f").StoredAs, weights.Describe("f").Scalar));
        Assert.Contains("i: expected a floating-point dtype, actual I32", Assert.Throws<CheckpointException>(() => weights.Load("i", torch.ScalarType.Float32, torch.CPU)).Message);
        using var whole = weights.Load("i", torch.ScalarType.Int64, torch.CPU);
        Assert.Equal(1, whole.item<long>());
    }

    [Fact]
    public void Loading_leaves_no_tensor_behind()
    {
        var folder = SharedFolder.Require("golden", "models", "llama-sharded");
        using var weights = SafetensorsWeights.Open(folder);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 3; i++)
            foreach (var name in weights.Names)
                weights.Load(name, torch.ScalarType.Float64, torch.CPU).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        using var kept = weights.Load(weights.Names.First(), torch.ScalarType.Float64, torch.CPU);
        Assert.NotEqual(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount); // one kept tensor is seen
    }
}
