using System.Text.Json;
using Bft.Research.Verification;

namespace Bft.Research.Tests;

public sealed class VerificationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-verification-").FullName;

    [Theory]
    [InlineData(1.0, 1.0 + 9e-10, true)]
    [InlineData(1.0, 1.0 + 3e-9, false)]
    [InlineData(double.NaN, double.NaN, true)]
    [InlineData(double.NaN, 0.0, false)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity, true)]
    [InlineData(double.PositiveInfinity, double.MaxValue, false)]
    public void Tolerance_accepts_within_abs_plus_rel(double expected, double actual, bool accepted) =>
        Assert.Equal(accepted, new Tolerance(1e-10, 1e-9).Accepts(expected, actual));

    [Fact]
    public void A_longer_answer_is_a_mismatch()
    {
        var compare = new Comparison(new(1, 1));
        compare.Numbers("values", [1, 2], [1.0, 2, 3]);
        Assert.Equal(["values: expected 2 values, actual 3"], compare.Mismatches);
    }

    [Fact]
    public void Special_strings_are_numbers() =>
        Assert.Equal([double.NaN, double.NegativeInfinity, 1.5], JsonDocument.Parse("""["nan", ["-inf", 1.5]]""").RootElement.Numbers());

    [Fact]
    public void An_unknown_kind_is_listed_and_fails()
    {
        Write("""{"schema":"bft-golden-1","area":"a","made_with":{},"cases":[{"id":"x","kind":"no-such-kind","inputs":{},"expected":{}}]}""");
        using var context = new VerificationContext(null);
        var outcome = Assert.Single(Verifier.Run(_folder, context));
        Assert.False(outcome.Known);
        Assert.False(outcome.Passed);
    }

    [Fact]
    public void Files_of_another_schema_are_passed_over()
    {
        Write("""{"schema":"bft-golden-1-table","rows":[]}""");
        File.WriteAllText(Path.Combine(_folder, "broken.json"), "{");
        using var context = new VerificationContext(null);
        Assert.Empty(Verifier.Run(_folder, context));
    }

    [Fact]
    public void A_case_without_a_field_names_file_and_field()
    {
        Write("""{"schema":"bft-golden-1","area":"a","cases":[{"id":"x","kind":"window","inputs":{}}]}""");
        using var context = new VerificationContext(null);
        var error = Assert.Throws<InvalidDataException>(() => Verifier.Run(_folder, context).ToList());
        Assert.Contains("cases.json: case 0: expected: expected JSON object, actual nothing", error.Message);
    }

    [Fact]
    public void A_name_is_looked_for_in_the_order_of_the_format()
    {
        var area = Directory.CreateDirectory(Path.Combine(_folder, "golden", "peft")).FullName;
        var models = Directory.CreateDirectory(Path.Combine(_folder, "golden", "models", "tiny")).FullName;
        var single = Directory.CreateDirectory(Path.Combine(_folder, "data", "models", "big")).FullName;
        File.WriteAllText(Path.Combine(single, "big.gguf"), "");
        var golden = Case(Path.Combine(area, "cases.json"));
        using var context = new VerificationContext(_folder);
        Assert.Equal(models, Path.GetFullPath(context.Resolve(golden, "tiny")));
        Assert.Equal(Path.Combine(single, "big.gguf"), context.Resolve(golden, "big.gguf"));
        var beside = Directory.CreateDirectory(Path.Combine(area, "tiny")).FullName;
        Assert.Equal(beside, context.Resolve(golden, "tiny"));
        Assert.Contains("'absent'", Assert.Throws<FileNotFoundException>(() => context.Resolve(golden, "absent")).Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string json) => File.WriteAllText(Path.Combine(_folder, "cases.json"), json);

    private static GoldenCase Case(string file)
    {
        var empty = JsonDocument.Parse("{}").RootElement;
        return new() { Id = "x", Kind = "k", Area = "peft", File = file, Inputs = empty, Expected = empty, Tolerance = Tolerance.Exact };
    }
}
