namespace Bft.Notebooks.Tests.Sessions;

/// <summary>Assemblies that the host does not know, referenced by path.</summary>
public class LibraryTests(LiveSession live)
{
    [Fact]
    public async Task A_file_with_what_lies_beside_it_is_loaded_once_for_both_languages()
    {
        var folder = Directory.CreateTempSubdirectory("bft-library-").FullName;
        var inner = SampleLibrary.CompileTo(folder, "SampleInner", "namespace Sample; public class Inner { public int Value = 20; }");
        var outer = SampleLibrary.CompileTo(folder, "SampleOuter", "namespace Sample; public class Outer { public static Inner Make() => new(); public static int Calls; }", inner);
        await live.RunAsync($"#r \"{outer}\"\nusing Sample;\nvar made = Outer.Make();\nOuter.Calls = 3;");
        Assert.Equal("23", (await live.RunAsync("#!fsharp\n#!share --from csharp made\nmade.Value + Sample.Outer.Calls")).Result);
        Assert.Equal("True", (await live.RunAsync(
            "System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(made.GetType().Assembly) == System.Runtime.Loader.AssemblyLoadContext.Default")).Result);
    }

    [Fact]
    public async Task An_assembly_of_the_framework_may_be_named() =>
        Assert.Equal("1", (await live.RunAsync("#r \"System.Xml.Linq\"\nSystem.Xml.Linq.XElement.Parse(\"<a><b/></a>\").Elements().Count()")).Result);

    [Fact]
    public async Task What_a_library_needs_and_is_not_there_is_named_when_used()
    {
        var folder = Directory.CreateTempSubdirectory("bft-library-").FullName;
        var hidden = Directory.CreateDirectory(Path.Combine(folder, "elsewhere")).FullName;
        var inner = SampleLibrary.CompileTo(hidden, "LostInner", "namespace Lost; public class Inner { }");
        var outer = SampleLibrary.CompileTo(folder, "LostOuter", "namespace Lost; public class Outer { public static object Make() => new Inner(); }", inner);
        var sink = await live.TryAsync($"#r \"{outer}\"\nLost.Outer.Make()");
        Assert.Equal("System.IO.FileNotFoundException", sink.Error?.Name);
        Assert.Contains("LostInner", sink.Error?.Message);
    }
}
