using System.Diagnostics;
using System.Text.Json.Nodes;
using Bft.Tests;

namespace Bft.Architecture.Tests;

/// <summary>Scripts, containers and package lists that make a machine ready.</summary>
public class EnvironmentTests
{
    private static readonly string[] s_containers = [".devcontainer/devcontainer.json", ".devcontainer/gpu/devcontainer.json"];
    private static readonly string[] s_extensions = ["Ionide.Ionide-fsharp", "ms-dotnettools.csdevkit", "ms-toolsai.jupyter"];

    /// <summary>
    /// The properties that our containers have, as the published schema of dev containers with an image of their own has them (github.com/devcontainers/spec, schemas,
    /// c95ffee of 2026-03-17, which both files satisfied when it was run on them by hand; it is not part of this repository).
    /// </summary>
    private static readonly Dictionary<string, Func<JsonNode?, bool>> s_properties = new()
    {
        ["name"] = IsText,
        ["build"] = node => node is JsonObject build && build.All(entry => entry.Key is "dockerfile" or "context" && IsText(entry.Value)) && build.ContainsKey("dockerfile"),
        ["runArgs"] = AreTexts,
        ["hostRequirements"] = node => node is JsonObject needs && needs.All(entry => entry.Key == "gpu" && entry.Value is JsonValue gpu && (gpu.TryGetValue<bool>(out _) || (IsText(gpu) && (string?)gpu == "optional"))),
        ["mounts"] = AreTexts,
        ["containerEnv"] = node => node is JsonObject variables && variables.All(entry => IsText(entry.Value)),
        ["postCreateCommand"] = IsText,
        ["customizations"] = node => node is JsonObject tools && tools.All(entry => entry.Value is JsonObject),
    };

    [Fact]
    public void Shell_scripts_pass_shellcheck()
    {
        string[] scripts = [".ci/run", .. Directory.GetFiles(Path.Combine(Checkout.Root, "environment"), "*.sh")];
        Assert.True(scripts.Length >= 4);
        var (code, output) = ShellCheck([.. scripts]);
        Assert.True(code == 0, output);

        var wrong = Path.Combine(Path.GetTempPath(), $"bft-{Guid.NewGuid():N}.sh");
        File.WriteAllText(wrong, "#!/usr/bin/env bash\nrm -rf $1/*\n");
        Assert.NotEqual(0, ShellCheck(wrong).Code);
        File.Delete(wrong);
    }

    [Fact]
    public void Dev_containers_are_as_their_schema_asks()
    {
        Assert.Empty(s_containers.SelectMany(path => Problems(path, Read(path))));
        var wrong = Read(s_containers[0]);
        wrong["mounts"] = "source=a,target=b";
        wrong["postCreate"] = "true";
        wrong["hostRequirements"] = new JsonObject { ["gpu"] = "often" };
        wrong["containerEnv"] = new JsonObject { ["THREADS"] = 2 };
        wrong["build"]!["dockerfile"] = "none";
        Assert.Equal(5, Problems(s_containers[0], wrong).Count());
    }

    [Fact]
    public void Both_images_and_the_set_up_take_one_list_of_packages()
    {
        foreach (var file in new[] { "environment/Dockerfile", "environment/gpu.Dockerfile" })
            Assert.Contains("environment/install-packages.sh", Text(file), StringComparison.Ordinal);
        Assert.Contains("environment/install-packages.sh", Text("environment/set-up.sh"), StringComparison.Ordinal);
        Assert.Contains("environment/set-up.sh", Text(".ci/run"), StringComparison.Ordinal);
        Assert.All(s_containers, path => Assert.Contains("environment/set-up.sh", Read(path)["postCreateCommand"]!.GetValue<string>(), StringComparison.Ordinal));
        foreach (var file in (string[])[".ci/run", "environment/set-up.sh", "environment/Dockerfile", "environment/gpu.Dockerfile"])
            Assert.DoesNotContain("apt-get install -y jupyter", Text(file), StringComparison.Ordinal);
    }

    [Fact]
    public void The_container_of_a_gpu_keeps_packages_data_and_runs_on_volumes_and_examines_the_card()
    {
        var gpu = Read(s_containers[1]);
        Assert.Equal(["/data", "/root/.nuget", "/runs"], gpu["mounts"]!.AsArray().Select(Target).Order(StringComparer.Ordinal));
        Assert.Equal(["/root/.nuget"], Read(s_containers[0])["mounts"]!.AsArray().Select(Target));
        Assert.EndsWith("-- gpu", gpu["postCreateCommand"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("cuda", gpu["containerEnv"]!["TorchBackend"]!.GetValue<string>());
        Assert.All(s_containers, path => Assert.Equal(
            s_extensions, Read(path)["customizations"]!["vscode"]!["extensions"]!.AsArray().Select(e => e!.GetValue<string>()).Order(StringComparer.Ordinal)));
    }

    private static IEnumerable<string> Problems(string path, JsonObject container)
    {
        foreach (var (name, value) in container)
            if (!s_properties.TryGetValue(name, out var fits))
                yield return $"{path}: {name}: not a property";
            else if (!fits(value))
                yield return $"{path}: {name}: not as the schema has it: {value?.ToJsonString()}";
        var folder = Path.GetDirectoryName(Path.Combine(Checkout.Root, path))!;
        var dockerfile = Path.Combine(folder, container["build"]!["dockerfile"]!.GetValue<string>());
        if (!File.Exists(dockerfile))
            yield return $"{path}: build.dockerfile: {dockerfile} is not there";
        if (Path.GetFullPath(Path.Combine(folder, container["build"]!["context"]!.GetValue<string>())).TrimEnd('/') != Checkout.Root.TrimEnd('/'))
            yield return $"{path}: build.context: expected the root of the checkout";
    }

    private static bool IsText(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out _);

    private static bool AreTexts(JsonNode? node) => node is JsonArray items && items.All(IsText);

    private static string Target(JsonNode? mount) => mount!.GetValue<string>().Split(',').Single(part => part.StartsWith("target=", StringComparison.Ordinal))["target=".Length..];

    private static JsonObject Read(string path) => JsonNode.Parse(Text(path))!.AsObject();

    private static string Text(string path) => File.ReadAllText(Path.Combine(Checkout.Root, path));

    private static (int Code, string Output) ShellCheck(params string[] scripts)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("shellcheck", scripts) { WorkingDirectory = Checkout.Root, RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output);
        }
        catch (System.ComponentModel.Win32Exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip("needs shellcheck (environment/apt-packages.txt)");
            return default;
        }
    }
}
