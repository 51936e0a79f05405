using System.CommandLine;
using System.Text.Json;
using Bft.Research.Checkpoints;
using Bft.Research.Verification;

namespace Bft.Cli;

/// <summary><c>bft verify</c>: compares this build, on this machine, with reference values.</summary>
internal static class VerifyCommand
{
    private static readonly Argument<DirectoryInfo?> s_folder = new("DIR")
    {
        Description = "folder searched for case files of the format bft-golden-1; without it the cases shipped with bft run",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<DirectoryInfo?> s_root = new("--root")
    {
        Description = "folder that paths in cases are relative to (it holds data/ and golden/); default: the nearest such folder at or above DIR",
    };

    private static readonly Option<string> s_dtype = TensorOptions.Dtype("working precision of tensor computations", "float64", "float32", "bfloat16");
    private static readonly Option<string> s_device = TensorOptions.Device("cpu");
    private static readonly Option<FileInfo?> s_json = new("--json") { Description = "write every outcome to this file" };
    private static readonly Option<string?> s_filter = new("--filter") { Description = "run only cases whose area/kind/id contains this text" };
    private static readonly Option<bool> s_allowUnknown = new("--allow-unknown") { Description = "a kind that this build does not know is listed but no failure" };

    public static Command Create()
    {
        var command = new Command("verify", "Run reference cases and print area, kind, cases, passed, largest deviation and its case. Exit code 0 only if all pass.")
        {
            s_folder, s_root, s_dtype, s_device, s_json, s_filter, s_allowUnknown,
        };
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellationToken)
    {
        var folder = result.GetValue(s_folder)?.FullName ?? Path.Combine(AppContext.BaseDirectory, "cases");
        if (!Directory.Exists(folder))
            throw new InvalidDataException($"{folder}: no such folder.");
        if (result.GetValue(s_root) is { Exists: false } missing)
            throw new InvalidDataException($"--root {missing}: no such folder.");

        using var context = new VerificationContext(
            result.GetValue(s_root)?.FullName ?? VerificationContext.NearestRoot(folder),
            result.ScalarType(s_dtype),
            result.Device(s_device));
        var filter = result.GetValue(s_filter);
        var outcomes = Verifier.Run(folder, context, golden => filter is null || Label(golden).Contains(filter, StringComparison.OrdinalIgnoreCase), cancellationToken)
            .ToList();
        if (outcomes.Count == 0)
            throw new InvalidDataException($"{folder}: no case of the format bft-golden-1{(filter is null ? "" : $" matches '{filter}'")}.");

        VerificationTable.Write(Console.Out, outcomes);
        if (result.GetValue(s_json) is { } json)
            WriteJson(json.FullName, outcomes);
        var allowUnknown = result.GetValue(s_allowUnknown);
        return outcomes.All(o => o.Passed || (!o.Known && allowUnknown)) ? Verb.Success : Verb.Failure;
    }

    private static string Label(GoldenCase golden) => $"{golden.Area}/{golden.Kind}/{golden.Id}";

    private static void WriteJson(string path, IReadOnlyList<CaseOutcome> outcomes)
    {
        var rows = outcomes.Select(o => new
        {
            area = o.Case.Area,
            kind = o.Case.Kind,
            id = o.Case.Id,
            passed = o.Passed,
            known = o.Known,
            largest_deviation = o.LargestDeviation,
            mismatches = o.Mismatches,
        });
        AtomicOutput.WriteFile(path, stream => JsonSerializer.Serialize(stream, rows, new JsonSerializerOptions { WriteIndented = true }));
    }
}
