namespace Bft.Notebooks.Tests.Sessions;

/// <summary>Library objects and tensors keep their identity across languages.</summary>
public class IdentityTests(LiveSession live)
{
    [Fact]
    public async Task A_tensor_of_FSharp_is_the_same_object_in_CSharp_and_back()
    {
        await live.RunAsync("#r \"Bft.Research\"\nusing TorchSharp;");
        await live.RunAsync("#!fsharp\nopen TorchSharp\nlet t = torch.ones(2L, 3L)\nt.sum().ToSingle()");
        await live.RunAsync("#!share --from fsharp t\n#!csharp\n#!share --from fsharp t\nt.add_(1);");
        await live.RunAsync("#!fsharp\n#!share --from csharp t --as back");
        Assert.Equal("True", (await live.RunAsync("#!fsharp\nobj.ReferenceEquals(t, back)")).Result);
        Assert.Equal("12", (await live.RunAsync("t.sum().ToSingle()")).Result);
        Assert.Equal("True", (await live.RunAsync(
            "System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(t.GetType().Assembly) == System.Runtime.Loader.AssemblyLoadContext.Default")).Result);
        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")), "TorchSharp copied its natives");
    }

    [Fact]
    public async Task A_path_to_the_library_means_the_copy_of_the_host()
    {
        var sink = await live.RunAsync("#r \"../no/such/folder/Bft.Research.dll\"\ntypeof(Bft.Research.Numerics.NextToken).Assembly.Location");
        Assert.Equal(typeof(Bft.Research.Numerics.NextToken).Assembly.Location, sink.Result);
        Assert.Equal("", sink.StandardError);
    }

    [Fact]
    public async Task Another_build_of_the_library_is_reported()
    {
        var folder = Directory.CreateTempSubdirectory("bft-other-build-");
        var other = Path.Combine(folder.FullName, "Bft.Research.dll");
        File.Copy(typeof(Bft.Notebooks.Sessions.INotebookSession).Assembly.Location, other);
        var sink = await live.RunAsync($"#r \"{other}\"\n1");
        Assert.Contains("another build", sink.StandardError);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_tensor_is_shown_by_its_own_text()
    {
        var sink = await live.RunAsync("#r \"Bft.Research\"\nTorchSharp.torch.zeros(2)");
        var shown = Assert.Single(sink.Outputs.OfType<Bft.Notebooks.Sessions.ResultOutput>());
        Assert.Equal(["text/plain"], shown.Data.Keys);
        Assert.Contains("[2]", sink.Result);
    }
}
