using Bft.Research.Data.Sources;
using Bft.Research.Experiments;
using Bft.Research.Experiments.Passages;
using Bft.Tests;

namespace Bft.Research.Tests.Experiments;

public class ExperimentProfileTests
{
    private static readonly ExperimentFolders s_folders = new(Path.Combine(Checkout.Root, "notebooks"), new("no-such-folder"));

    [Theory]
    [InlineData("mini")]
    [InlineData("laptop")]
    [InlineData("gpu")]
    [InlineData("paper")]
    public void Every_profile_reads(string name)
    {
        var profile = ExperimentProfile.Read(name, s_folders);
        Assert.Equal(name, profile.Name);
        Assert.Contains("bft-v3", profile.FineTuning.Objectives);
        _ = profile.ScalarType;
    }

    [Fact]
    public void An_unknown_profile_lists_the_known_ones() =>
        Assert.Contains("gpu, laptop, mini, paper", Assert.Throws<InvalidDataException>(() => ExperimentProfile.Read("huge", s_folders)).Message);

    [Fact]
    public void An_unknown_key_names_the_file()
    {
        var folder = Directory.CreateTempSubdirectory("bft-profile-");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "profiles"));
            var text = File.ReadAllText(Path.Combine(s_folders.Notebooks, "profiles", "mini.json")).Replace("\"max_tokens\"", "\"max_token\"");
            File.WriteAllText(Path.Combine(folder.FullName, "profiles", "mini.json"), text);
            var error = Assert.Throws<InvalidDataException>(() => ExperimentProfile.Read("mini", new(folder.FullName, s_folders.Data)));
            Assert.Contains("max_token", error.Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Data_that_is_not_there_names_the_set_that_brings_it()
    {
        var model = ExperimentProfile.Read("laptop", s_folders).Model;
        Assert.EndsWith("bft data get smollm2-135m-instruct", Assert.Throws<FileNotFoundException>(() => s_folders.Resolve(model)).Message);
        Assert.Contains("cannot be fetched", Assert.Throws<FileNotFoundException>(() => s_folders.Resolve("data:models/x")).Message);
    }

    [Fact]
    public void Everything_the_laptop_profile_needs_can_be_fetched_but_gene_summaries()
    {
        var profile = ExperimentProfile.Read("laptop", s_folders);
        string[] locations = [profile.Model, profile.Tokenizer!, profile.FineTuning.Rows];
        Assert.All(locations, location => Assert.NotNull(DataFolder.SetOf(location["data:".Length..])));
        var absent = profile.Uncertainty.Passages.Keys.Where(source => !PassageSource.Named(source).IsObtainable(s_folders.Data));
        Assert.Equal(["gene_summaries"], absent); // made from prompts of another project; there is no file to fetch
    }
}
