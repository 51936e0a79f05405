using Bft.Research.Experiments;
using Bft.Tests;

namespace Bft.Research.Tests.Experiments;

public class ExperimentProfileTests
{
    private static readonly ExperimentFolders s_folders = new(Path.Combine(Checkout.Root, "notebooks"));

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
            var error = Assert.Throws<InvalidDataException>(() => ExperimentProfile.Read("mini", new(folder.FullName)));
            Assert.Contains("max_token", error.Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Data_without_a_folder_says_what_to_do() =>
        Assert.Contains("bft data get models", Assert.Throws<InvalidDataException>(() => s_folders.Resolve("data:models/x")).Message);
}
