using Bft.Notebooks.Running;

namespace Bft.Notebooks.Tests.Running;

/// <summary>Whole paths below the checkout become relative; others stay for the checker to find.</summary>
public class OutputPathsTests
{
    [Theory]
    [InlineData("{0}/data/a.txt", "data/a.txt")]
    [InlineData("in {0}.", "in ..")]
    [InlineData("'{0}'", "'.'")]
    [InlineData("file://{0}/a", "a")]
    [InlineData("{1}/src/x.cs:line 3", "../src/x.cs:line 3")]
    [InlineData("{0}2/a", "../notebooks2/a")]
    [InlineData("{0}.old/a", "../notebooks.old/a")]
    [InlineData("{1}-copy/a", "{1}-copy/a")]
    [InlineData("/x{0}/a", "/x{0}/a")]
    [InlineData("/usr/lib", "/usr/lib")]
    public void Paths_are_relative_to_the_notebook(string text, string expected)
    {
        var checkout = Directory.CreateTempSubdirectory("bft-checkout-").FullName;
        Directory.CreateDirectory(Path.Combine(checkout, ".git"));
        var folder = Directory.CreateDirectory(Path.Combine(checkout, "notebooks")).FullName;
        var paths = new OutputPaths(folder);
        Assert.Equal(string.Format(expected, folder, checkout), paths.Relative(string.Format(text, folder, checkout)));
        Directory.Delete(checkout, recursive: true);
    }

    [Fact]
    public void A_notebook_in_the_root_folder_changes_nothing() => Assert.Equal("a / b /c", new OutputPaths("/").Relative("a / b /c"));
}
