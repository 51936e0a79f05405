using System.Text.Json;
using Bft.Research.Checkpoints;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Verification;

namespace Bft.Research.Tests.Verification;

public class GoldenTensorTests
{
    private static readonly JsonElement s_nothing = JsonDocument.Parse("{}").RootElement;

    private static GoldenCase Case(ScratchFolder folder) => new()
    {
        Id = "id",
        Kind = "kind",
        Area = "area",
        File = folder["cases.json"],
        Inputs = s_nothing,
        Expected = s_nothing,
        Tolerance = Tolerance.Exact,
    };

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    [Fact]
    public void A_reference_reads_the_file_beside_the_case_and_widens_exactly()
    {
        using var folder = new ScratchFolder();
        folder.Safetensors("x.safetensors", """{"a/b":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]}}""", 0xc0, 0x3f, 0x80, 0xff);
        var reference = Json("""{"tensor":"a/b","file":"x.safetensors"}""");
        var golden = Case(folder);
        using var tensor = golden.Tensor(reference);
        Assert.Equal((torch.ScalarType.BFloat16, 2L), (tensor.dtype, tensor.shape[1]));
        Assert.Equal([1L, 2L], golden.Shape(reference));
        Assert.Equal([1.5, double.NegativeInfinity], golden.Numbers(reference));
        Assert.NotEqual([double.NegativeInfinity, 1.5], golden.Numbers(reference)); // the wrong variant: bytes in the other order
    }

    [Fact]
    public void A_nested_array_keeps_its_nesting_and_special_values()
    {
        using var folder = new ScratchFolder();
        using var tensor = Case(folder).Tensor(Json("""[[1, 2.5, "nan"], [3, "-inf", 4]]"""));
        Assert.Equal([2L, 3L], tensor.shape);
        Assert.Equal([1, 2.5, double.NaN, 3, double.NegativeInfinity, 4], tensor.data<double>().ToArray());
    }

    [Fact]
    public void Wrong_references_say_what_is_wrong()
    {
        using var folder = new ScratchFolder();
        folder.Safetensors("x.safetensors", "{}");
        var golden = Case(folder);
        Assert.Contains("a file beside the case file", Assert.Throws<CheckpointException>(() => golden.Tensor(Json("""{"tensor":"a","file":"y.safetensors"}"""))).Message);
        Assert.Contains("a tensor of this name", Assert.Throws<CheckpointException>(() => golden.Tensor(Json("""{"tensor":"a","file":"x.safetensors"}"""))).Message);
        Assert.Contains("mixes the shapes [2] and [1]", Assert.Throws<InvalidDataException>(() => golden.Tensor(Json("[[1,2],[3]]"))).Message);
    }
}
