namespace Bft.Architecture.Tests;

/// <summary>Sizes, names and calls of source files.</summary>
public class SourceRuleTests
{
    private static readonly IReadOnlyList<SourceFile> s_files = SourceFile.All();

    [Fact]
    public void Files_are_short()
    {
        Assert.Empty(s_files.SelectMany(SourceRules.Length));
        Assert.NotEmpty(SourceRules.Length(Lines("src/Bft.Research/A.cs", 251)));
        Assert.NotEmpty(SourceRules.Length(Lines("src/Bft.Figures/A.fs", 251)));
        Assert.NotEmpty(SourceRules.Length(Lines("src/Bft.Cli/A.cs", 301)));
        Assert.NotEmpty(SourceRules.Length(Lines("tests/Bft.Cli.Tests/A.cs", 401)));
        Assert.Empty(SourceRules.Length(Lines("src/Bft.Research/A.cs", 250)));
    }

    [Fact]
    public void Files_and_folders_are_named_after_what_they_hold()
    {
        Assert.True(s_files.Count > 300, $"{s_files.Count} files found");
        Assert.Empty(s_files.SelectMany(SourceRules.Name));
        Assert.All(
            ["src/Bft.Research/Utils/Mask.cs", "src/Bft.Research/Data/JsonHelper.cs", "src/Bft.Results/Common.cs", "tests/Common/A.cs"],
            (string path) => Assert.NotEmpty(SourceRules.Name(new(path, ""))));
        Assert.Empty(SourceRules.Name(new("src/Bft.Research/Data/CommonWords.cs", "")));
    }

    [Fact]
    public void One_word_for_one_thing()
    {
        Assert.Empty(s_files.SelectMany(SourceRules.Words));
        Assert.NotEmpty(SourceRules.Words(new("src/Bft.Research/A.cs", "public int GroupSize { get; init; }")));
        Assert.NotEmpty(SourceRules.Words(new("src/Bft.Research/A.cs", "double[] SampleWeights")));
    }

    [Fact]
    public void Libraries_get_console_clock_environment_and_chance_from_outside()
    {
        Assert.Empty(s_files.SelectMany(SourceRules.Calls));
        Assert.All(
            [
                "Console.WriteLine(1);", "var now = DateTime.Now;", "DateTimeOffset.UtcNow", "Environment.GetEnvironmentVariable(\"X\")", "var r = new Random();",
                "new Random(3)", "Random.Shared.Next()", "let r = System.Random()",
            ],
            (string line) =>
            {
                Assert.Single(SourceRules.Calls(new("src/Bft.Research/A.cs", line)));
                Assert.Empty(SourceRules.Calls(new("src/Bft.Cli/A.cs", line)));
            });
        Assert.Empty(SourceRules.Calls(new("src/Bft.Research/A.cs", "ConsoleColor x; TimeProvider.System.GetUtcNow();")));
    }

    [Fact]
    public void No_call_that_ends_the_process_on_an_error()
    {
        Assert.Empty(s_files.SelectMany(SourceRules.Aborts));
        Assert.NotEmpty(SourceRules.Aborts(new("src/Bft.Research/A.cs", "var y = x.matmul(w);")));
        Assert.NotEmpty(SourceRules.Aborts(new("src/Bft.Research/A.cs", "torch.autograd.grad([loss], [w])")));
        Assert.Empty(SourceRules.Aborts(new("src/Bft.Research/A.cs", "torch.mm(x, w); loss.backward();")));
    }

    private static SourceFile Lines(string path, int count) => new(path, string.Concat(Enumerable.Repeat("x\n", count)));
}
