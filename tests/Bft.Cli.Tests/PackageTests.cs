using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>The NuGet packages, as a stranger uses them: a feed in a folder, a console project and a C# file of one's own.</summary>
public sealed class PackageTests : IClassFixture<PackageFeed>
{
    private const string Program = """
        using Bft.Figures;
        using Bft.Notebooks.Files;
        using Bft.Research.Models;
        using Bft.Research.Objectives;
        using Bft.Research.Tokenization;
        using Bft.Results;

        var tokenizer = HfTokenizer.Load(args[0]);
        using var model = CausalLm.Load(args[0], TorchSharp.torch.ScalarType.Float32);
        using var head = model.HeadWeight.sum();
        Console.WriteLine($"vocabulary {tokenizer.VocabularySize == model.Config.VocabularySize}, finite {double.IsFinite(head.item<float>())}, {Objective.Named("bft-v3").Kind}");
        Console.WriteLine(string.Join(' ', typeof(Interval).Assembly.GetName().Name, typeof(Figure).Assembly.GetName().Name, typeof(NotebookFile).Assembly.GetName().Name));
        """;

    private readonly ScratchFolder _folder;

    public PackageTests(PackageFeed feed) => _folder = feed.Folder;

    [Fact]
    public void A_console_project_and_a_file_of_ones_own_build_and_run_on_the_packages()
    {
        Directory.CreateDirectory(_folder["console"]);
        File.WriteAllText(_folder["console/Program.cs"], Program);
        File.WriteAllText(_folder["console/console.csproj"], $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>{string.Concat(PackageFeed.Packages.Select(p => $"<PackageReference Include=\"{p}\" Version=\"{PackageFeed.Version}\" />"))}</ItemGroup>
            </Project>
            """);
        Shows(PackageFeed.Dotnet(_folder["console"], "run", "--", Model));

        File.WriteAllText(_folder["app.cs"], string.Concat(PackageFeed.Packages.Select(p => $"#:package {p}@{PackageFeed.Version}\n"))
            + "#:property RuntimeIdentifier=linux-x64\n#:property SelfContained=false\n#:property PublishAot=false\n" + Program);
        Shows(PackageFeed.Dotnet(_folder.Path, "run", "app.cs", "--", Model));
    }

    [Fact]
    public void A_program_that_names_a_type_that_is_not_there_does_not_build()
    {
        File.WriteAllText(_folder["app.cs"], $"#:package Bft.Results@{PackageFeed.Version}\nConsole.WriteLine(typeof(Bft.Results.Intervall));\n");
        Assert.ThrowsAny<Exception>(() => PackageFeed.Dotnet(_folder.Path, "run", "app.cs"));
    }

    [Fact]
    public void Every_package_has_a_readme_and_symbols()
    {
        foreach (var package in PackageFeed.Packages)
        {
            using var archive = System.IO.Compression.ZipFile.OpenRead(Path.Combine(_folder["feed"], $"{package}.{PackageFeed.Version}.nupkg"));
            Assert.Contains(archive.Entries, entry => entry.FullName == "README.md" && entry.Length > 100);
            Assert.Contains(archive.Entries, entry => entry.FullName == $"lib/net10.0/{package}.xml");
            Assert.True(File.Exists(Path.Combine(_folder["feed"], $"{package}.{PackageFeed.Version}.snupkg")), package);
        }
    }

    private static string Model => Path.Combine(Checkout.Root, "notebooks", "mini", "model");

    private static void Shows(string output)
    {
        Assert.Contains("vocabulary True, finite True, Bft", output, StringComparison.Ordinal);
        Assert.Contains("Bft.Results Bft.Figures Bft.Notebooks", output, StringComparison.Ordinal);
    }
}
