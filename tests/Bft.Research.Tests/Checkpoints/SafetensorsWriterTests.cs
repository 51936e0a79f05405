using Bft.Research.Checkpoints;
using Bft.Tests;

namespace Bft.Research.Tests.Checkpoints;

public class SafetensorsWriterTests
{
    private static (string, Tensor)[] Sample() =>
    [
        ("b", torch.arange(6, torch.ScalarType.Float32).reshape(2, 3)),
        ("a", torch.arange(3, torch.ScalarType.Int64)),
        ("half", torch.ones(5, torch.ScalarType.BFloat16)),
        ("flag", torch.tensor(true)),
        ("none", torch.zeros([0, 4], torch.ScalarType.Float64)),
    ];

    [Theory]
    [InlineData("llama-plain")]
    [InlineData("qwen3-tied-bf16")]
    [InlineData("llama-f16")]
    public void A_file_of_the_library_is_written_again_byte_for_byte(string model)
    {
        var source = SharedFolder.Require("golden", "models", model, "model.safetensors");
        using var folder = new ScratchFolder();
        using var scope = torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(source);
        (string, Tensor)[] reversed = [.. file.Names.Reverse().Select(name => (name, file.Load(name)))];
        SafetensorsWriter.Write(folder["copy"], reversed, file.Metadata);
        Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(folder["copy"]));
        SafetensorsWriter.Write(folder["bare"], reversed);
        Assert.NotEqual(File.ReadAllBytes(source), File.ReadAllBytes(folder["bare"])); // the wrong variant: metadata forgotten
    }

    [Fact]
    public void Types_go_from_wide_to_narrow_and_data_start_at_a_multiple_of_8()
    {
        using var folder = new ScratchFolder();
        using var scope = torch.NewDisposeScope();
        SafetensorsWriter.Write(folder["x"], Sample());
        using var file = SafetensorsFile.Open(folder["x"]);
        Assert.Equal(["a", "none", "b", "half", "flag"], file.Names);
        Assert.Equal(0, BitConverter.ToInt64(File.ReadAllBytes(folder["x"])) % 8);
        foreach (var (name, value) in Sample())
        {
            var read = file.Load(name);
            Assert.Equal((value.dtype, value.shape.AsEnumerable()), (read.dtype, read.shape.AsEnumerable()), (a, b) => a.dtype == b.dtype && a.Item2.SequenceEqual(b.Item2));
            Assert.True(read.eq(value).all().item<bool>());
        }
    }

    [Fact]
    public void A_transposed_view_is_written_in_its_own_order()
    {
        using var folder = new ScratchFolder();
        using var scope = torch.NewDisposeScope();
        var matrix = torch.arange(6, torch.ScalarType.Float32).reshape(2, 3);
        SafetensorsWriter.Write(folder["x"], [("t", matrix.t())]);
        using var file = SafetensorsFile.Open(folder["x"]);
        Assert.Equal([0f, 3, 1, 4, 2, 5], file.Load("t").data<float>().ToArray());
        Assert.NotEqual(matrix.data<float>().ToArray(), file.Load("t").data<float>().ToArray());
    }

    [Fact]
    public void Shards_and_index_read_back_as_one_model()
    {
        using var folder = new ScratchFolder();
        using var scope = torch.NewDisposeScope();
        SafetensorsWriter.WriteFolder(folder.Path, Sample(), maxShardBytes: 40);
        Assert.Equal(
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var weights = SafetensorsWeights.Open(folder.Path);
        Assert.Equal(["a", "b", "flag", "half", "none"], weights.Names.Order());
        Assert.Equal([0f, 1, 2, 3, 4, 5], weights.Load("b", torch.ScalarType.Float32, torch.CPU).data<float>().ToArray());
        Assert.Contains("\"total_size\": 59", File.ReadAllText(folder["model.safetensors.index.json"]));
    }

    [Fact]
    public void Shards_are_filled_as_the_library_fills_them()
    {
        var source = SharedFolder.Require("golden", "models", "llama-sharded");
        using var folder = new ScratchFolder();
        using var scope = torch.NewDisposeScope();
        using var weights = SafetensorsWeights.Open(source);
        string[] parts = ["self_attn.q", "self_attn.k", "self_attn.v", "self_attn.o", "gate", "up", "down", "input_layernorm", "post_attention_layernorm"];
        (string, Tensor)[] tensors =
        [
            .. weights.Names.OrderBy(name => name.Contains("embed") ? 0 : name.Contains("layers") ? 1 : name.Contains("norm") ? 2 : 3)
                .ThenBy(name => name.Contains("layers") ? int.Parse(name.Split('.')[2]) : 0).ThenBy(name => Array.FindIndex(parts, name.Contains))
                .Select(name => (name, weights.Load(name, torch.ScalarType.Float32, torch.CPU))),
        ];
        SafetensorsWriter.WriteFolder(folder.Path, tensors, maxShardBytes: 45_000);
        Assert.Equal(6, Directory.GetFiles(folder.Path).Length);
        foreach (var file in Directory.GetFiles(folder.Path))
            Assert.Equal(File.ReadAllBytes(Path.Combine(source, Path.GetFileName(file))), File.ReadAllBytes(file));
    }

    [Fact]
    public void Nothing_is_left_of_a_failed_write_and_the_old_file_stays()
    {
        using var folder = new ScratchFolder();
        using var scope = torch.NewDisposeScope();
        SafetensorsWriter.Write(folder["x"], Sample());
        var before = File.ReadAllBytes(folder["x"]);
        PendingTensor[] failing = [new("a", [2], SafetensorsDtype.Of("F32")!, () => throw new IOException("disk"))];
        Assert.Throws<IOException>(() => SafetensorsWriter.Write(folder["x"], failing, null));
        Assert.Throws<IOException>(() => AtomicOutput.WriteFolder(folder["f"], f => { File.WriteAllText(Path.Combine(f, "half"), "x"); throw new IOException("disk"); }));
        Assert.Equal(before, File.ReadAllBytes(folder["x"]));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
        Assert.Throws<IOException>(() => AtomicOutput.WriteFolder(folder.Path, _ => { }));
    }

    [Fact]
    public void What_a_killed_writer_left_is_cleared_and_nothing_else()
    {
        using var folder = new ScratchFolder();
        string[] killed = [$".a.{new string('0', 32)}.partial", $".b.safetensors.{new string('f', 32)}.partial"];
        string[] others = [".hidden", "a.partial", $".a.{new string('0', 31)}.partial", $"a.{new string('0', 32)}.partial"];
        Directory.CreateDirectory(Path.Combine(folder[killed[0]], "inner"));
        foreach (var file in others.Append(killed[1]))
            File.WriteAllText(folder[file], "x");
        Assert.Equal(2, AtomicOutput.RemoveLeftovers(folder.Path));
        Assert.Equal(others.Order(), Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(0, AtomicOutput.RemoveLeftovers(folder["nowhere"]));

        AtomicOutput.WriteFolder(folder["whole"], place => File.WriteAllText(Path.Combine(place, "x"), "x"));
        AtomicOutput.RemoveFolder(folder["whole"]);
        AtomicOutput.RemoveFolder(folder["whole"]);
        Assert.Equal(others.Order(), Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Names_must_differ_and_types_must_exist()
    {
        using var folder = new ScratchFolder();
        using var one = torch.ones(1);
        using var complex = torch.ones(1, torch.ScalarType.ComplexFloat64);
        Assert.Contains("'a' occurs twice", Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["x"], [("a", one), ("a", one)])).Message);
        Assert.Contains("is reserved", Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["x"], [("__metadata__", one)])).Message);
        Assert.Contains("a: safetensors has no type", Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["x"], [("a", complex)])).Message);
    }
}
