using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>Compiles assemblies that the host does not know.</summary>
internal static class SampleLibrary
{
    /// <summary>Compiles into a new folder and returns the file.</summary>
    public static string Compile(string name, string source) => CompileTo(Directory.CreateTempSubdirectory("bft-library-").FullName, name, source);

    /// <summary>Compiles into a folder and returns the file.</summary>
    public static string CompileTo(string folder, string name, string source, params string[] references)
    {
        var path = Path.Combine(folder, name + ".dll");
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var compilation = CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(source)],
            [
                .. new List<string> { typeof(object).Assembly.Location, Path.Combine(framework, "System.Runtime.dll") }.Concat(references)
                    .Select(file => MetadataReference.CreateFromFile(file)),
            ],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        var result = compilation.Emit(path);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return path;
    }
}
