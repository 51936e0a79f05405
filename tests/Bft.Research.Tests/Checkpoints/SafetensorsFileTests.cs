using System.Runtime.InteropServices;
using System.Text;
using Bft.Research.Checkpoints;
using Bft.Tests;

namespace Bft.Research.Tests.Checkpoints;

public class SafetensorsFileTests
{
    [Theory]
    [InlineData("F64", "000000000000f83f", 1.5)]
    [InlineData("F32", "0000c03f", 1.5)]
    [InlineData("F16", "003e", 1.5)]
    [InlineData("BF16", "c03f", 1.5)]
    [InlineData("I64", "feffffffffffffff", -2)]
    [InlineData("I32", "feffffff", -2)]
    [InlineData("I16", "feff", -2)]
    [InlineData("I8", "fe", -2)]
    [InlineData("U8", "fe", 254)]
    [InlineData("BOOL", "01", 1)]
    public void Every_dtype_of_torch_is_read(string dtype, string hex, double value)
    {
        using var folder = new ScratchFolder();
        var bytes = Convert.FromHexString(hex);
        var path = folder.Safetensors("a.safetensors", $$$"""{"x":{"dtype":"{{{dtype}}}","shape":[],"data_offsets":[0,{{{bytes.Length}}}]}}""", bytes);
        using var file = SafetensorsFile.Open(path);
        using var loaded = file.Load("x");
        Assert.Empty(loaded.shape);
        Assert.Equal(file.Entries["x"].Dtype.Scalar, loaded.dtype);
        Assert.Equal(value, loaded.to(torch.ScalarType.Float64).item<double>());
    }

    [Fact]
    public void A_view_shares_the_pages_and_outlives_the_file_object()
    {
        using var folder = new ScratchFolder();
        float[] values = [1, -2, 3.5f, 4, 5, 6];
        var path = folder.Safetensors(
            "a.safetensors", """{"m":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}   """, MemoryMarshal.AsBytes<float>(values).ToArray());
        Tensor first, second, owned;
        using (var file = SafetensorsFile.Open(path))
        {
            (first, second, owned) = (file.View("m"), file.View("m"), file.Load("m"));
        }

        first.Dispose();
        Assert.Equal([2L, 3L], second.shape);
        Assert.Equal(values, second.data<float>().ToArray());
        owned.add_(1); // an owned tensor may be written
        Assert.Equal(values, second.data<float>().ToArray());
        Assert.NotEqual(values, owned.data<float>().ToArray());
        second.Dispose();
        owned.Dispose();
    }

    [Fact]
    public void Unaligned_data_are_copied_but_not_viewed()
    {
        using var folder = new ScratchFolder();
        const string header = """{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
        Assert.NotEqual(0, header.Length % 4);
        using var file = SafetensorsFile.Open(folder.Safetensors("a.safetensors", header, [0, 0, 128, 63, 0, 0, 0, 64]));
        using var loaded = file.Load("x");
        Assert.Equal([1f, 2f], loaded.data<float>().ToArray());
        Assert.Contains("aligned to 4 bytes", Assert.Throws<CheckpointException>(() => file.View("x")).Message);
    }

    [Theory]
    [InlineData("", "header: expected a JSON object, actual no byte")]
    [InlineData("[]", "begins with '['")]
    [InlineData(" {}", "begins with ' '")]
    [InlineData("{,}", "header: expected a JSON object")]
    [InlineData("""{"x":3}""", "x: expected an object, actual Number")]
    [InlineData("""{"x":{"shape":[1],"data_offsets":[0,8]}}""", "x.dtype: expected a value, actual none")]
    [InlineData("""{"x":{"dtype":"F31","shape":[1],"data_offsets":[0,8]}}""", "x.dtype: expected one of BOOL")]
    [InlineData("""{"x":{"dtype":"F64","dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "x.dtype: expected one entry of this name, actual two")]
    [InlineData("""{"x":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}""", "x.shape: expected integers from 0 to 2^63 - 1, actual -1")]
    [InlineData("""{"x":{"dtype":"F64","shape":[1.0],"data_offsets":[0,8]}}""", "x.shape: expected integers")]
    [InlineData("""{"x":{"dtype":"F64","shape":[1],"data_offsets":[-0,8]}}""", "x.data_offsets: expected integers")]
    [InlineData("""{"x":{"dtype":"F64","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]}}""", "x.shape: expected a whole number of bytes")]
    [InlineData("""{"x":{"dtype":"F64","shape":[9223372036854775807,2],"data_offsets":[0,8]}}""", "x.shape: expected a whole number of bytes")]
    [InlineData("""{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8,8]}}""", "x.data_offsets: expected two numbers, actual 3")]
    [InlineData("""{"x":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}""", "x.data_offsets: expected an end at or after the begin")]
    [InlineData("""{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}""", "x.data_offsets: expected 16 bytes for [2] of F64, actual 8 bytes")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "x.data_offsets: expected a begin of 0")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "tensor data: expected 4 bytes, as the header says, actual 8 bytes")]
    [InlineData("""{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "y.data_offsets: expected a begin of 8")]
    [InlineData("""{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "x: expected one entry of this name, actual two")]
    [InlineData("""{"__metadata__":{"a":3},"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "__metadata__.a: expected a string, actual Number")]
    [InlineData("""{"\ud800":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "header: expected a JSON object")]
    public void A_hostile_header_is_refused_with_field_expected_and_actual(string header, string message)
    {
        using var folder = new ScratchFolder();
        var path = folder.Safetensors("a.safetensors", header, new byte[8]);
        var error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path));
        Assert.StartsWith($"{path}: ", error.Message);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("", "0 bytes")]
    [InlineData("00112233445566", "a file of 7 bytes")]
    [InlineData("ffffffffffffffff7b7d", "at most 100000000, actual 18446744073709551615")]
    [InlineData("03000000000000007b7d", "at most 2 (the rest of the file), actual 3")]
    public void A_wrong_length_field_is_refused(string hex, string message)
    {
        using var folder = new ScratchFolder();
        File.WriteAllBytes(folder["a.safetensors"], Convert.FromHexString(hex));
        Assert.Contains(message, Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(folder["a.safetensors"])).Message);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        using var folder = new ScratchFolder();
        var path = folder.Safetensors("a.safetensors", [.. Encoding.ASCII.GetBytes("{\"__metadata__\":{\"a\":\""), 0xff, .. Encoding.ASCII.GetBytes("\"}}")]);
        Assert.Contains("expected UTF-8", Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path)).Message);
    }

    [Fact]
    public void Empty_tensors_and_types_that_torch_lacks_can_be_listed()
    {
        using var folder = new ScratchFolder();
        var path = folder.Safetensors(
            "a.safetensors",
            """{"f8":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},"none":{"dtype":"F32","shape":[0,7],"data_offsets":[2,2]},"__metadata__":{"format":"pt"}}""",
            1, 2);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(["f8", "none"], file.Names);
        Assert.Equal("pt", file.Metadata["format"]);
        using var none = file.View("none");
        Assert.Equal([0L, 7L], none.shape);
        Assert.Contains("f8: expected a dtype that TorchSharp has, actual F8_E4M3", Assert.Throws<CheckpointException>(() => file.Load("f8")).Message);
        Assert.Contains("expected a tensor of this name", Assert.Throws<CheckpointException>(() => file.Load("absent")).Message);
    }

    [Fact]
    public void Broken_reference_files_are_refused_and_good_ones_open()
    {
        var bad = SharedFolder.Require("golden", "models", "bad");
        string[] refused =
        [
            "truncated-data", "truncated-header", "empty-file", "seven-bytes", "header-length-too-large", "header-length-huge", "header-length-zero",
            "header-not-json", "header-not-utf8", "header-is-array", "offsets-overlap", "offsets-hole", "offsets-reversed", "offsets-negative",
            "trailing-bytes", "shape-does-not-fit-offsets", "shape-overflow", "shape-negative", "dtype-unknown", "dtype-absent",
            "duplicate-tensor-name", "duplicate-tensor-name-differs", "metadata-not-string",
        ];
        foreach (var name in refused)
            Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(Path.Combine(bad, name, "model.safetensors")));
        foreach (var name in (string[])["ok-header-padding", "ok-header-order", "ok-zero-size-extra", "nan-weight", "dtype-integer"])
            SafetensorsFile.Open(Path.Combine(bad, name, "model.safetensors")).Dispose();
    }
}
