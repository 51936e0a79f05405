using Bft.Research.Devices;

namespace Bft.Research.Tests;

public class NativeLibrariesTests
{
    [Fact]
    public void Torch_loads_and_multiplies()
    {
        NativeLibraries.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        var product = torch.tensor(new[] { 1.0, 2, 3, 4 }, 2, 2).mm(torch.tensor(new[] { 0.0, 1, 1, 0 }, 2, 2));
        Assert.Equal([2.0, 1, 4, 3], product.data<double>().ToArray());
    }

    [Fact]
    public void Torch_does_not_copy_its_natives()
    {
        NativeLibraries.EnsureLoaded();
        _ = torch.get_num_threads();
        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")), "TorchSharp fell back to copying libtorch");
    }

    [Fact]
    public void A_file_that_is_no_shared_object_is_refused() =>
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Relax(new byte[128], "GLIBCXX_3.4.32"));

    [Fact]
    public void Relaxing_is_done_once()
    {
        var path = NativeLibraries.SearchFolders.Select(folder => Path.Combine(folder, "libLibTorchSharp.so")).First(File.Exists);
        var bytes = File.ReadAllBytes(path);
        Assert.Equal(1, ElfVersionNeeds.Relax(bytes, "GLIBCXX_3.4.32"));
        Assert.Equal(0, ElfVersionNeeds.Relax(bytes, "GLIBCXX_3.4.32"));
        Assert.Equal(0, ElfVersionNeeds.Relax(bytes, "GLIBCXX_9.9.99"));
    }
}
