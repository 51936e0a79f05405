using System.Text.Json.Nodes;
using Bft.Notebooks.Files;
using Bft.Notebooks.Running;

namespace Bft.Cli;

/// <summary>A new notebook, in the order of the repository's: claim, setup, parameters, measure, figure, verdict, limits.</summary>
internal static class NotebookTemplate
{
    /// <summary>The setup cell of every notebook. <c>bft</c> and its kernel use their own copies of these assemblies, wherever the notebook lies; .NET Interactive loads the files.</summary>
    public const string Setup = """
        #r "../artifacts/notebooks/Bft.Libraries.dll"
        #r "../artifacts/notebooks/Bft.Research.dll"
        #r "../artifacts/notebooks/Bft.Results.dll"
        #r "../artifacts/notebooks/Bft.Figures.dll"
        using System.IO; using Bft.Research.Data.Sources; using Bft.Research.Devices; using Bft.Research.Experiments; using Bft.Research.Training; using Bft.Research.Uncertainty; using Bft.Results; using Bft.Figures;
        Bft.Libraries.LoadOnce();
        """;

    private const string Parameters = """
        string profile = "mini";
        long seed = 0;
        """;

    private const string Measure = """
        var random = new Random((int)seed);
        var steps = Enumerable.Range(0, profile == "mini" ? 50 : 500).Select(step => (double)step).ToArray();
        double[] Losses(double rate) => steps.Select(step => 3 * Math.Exp(-rate * step) + 0.05 * random.NextDouble()).ToArray();
        Curve[] curves =
        [
            new("SFT", "Optimiser step (1)", "Loss (nats per token)", steps, Losses(0.05)),
            new("BFT v3", "Optimiser step (1)", "Loss (nats per token)", steps, Losses(0.07)),
        ];
        """;

    private const string Plot = """
        Draw.Lines("Loss by step", $"After the last step: {string.Join(", ", curves.Select(curve => $"{curve.Name} {curve.Y[^1]:0.00}"))} nats per token.",
            "Two falling curves of the loss by optimiser step.", curves)
        """;

    private const string Verdict = """
        ClaimTable.Of(Claim.Of(claim, Check.That("the second curve ends lower", curves[1].Y[^1] < curves[0].Y[^1], (curves[0].Name, curves[0].Y[^1]), (curves[1].Name, curves[1].Y[^1]))))
        """;

    /// <summary>The notebook, not yet run.</summary>
    /// <param name="claim">A sentence that the notebook can show to be false.</param>
    public static Notebook Create(string claim)
    {
        JsonObject[] cells =
        [
            Text($"# {claim}\n\nA sentence that this notebook can show to be false, and where it comes from. What you should see before you run it."),
            Code(Setup, "setup"),
            Text("## Parameters\n\nLiterals only; `bft notebook run FILE -p seed=1` replaces them. `profile` is the scale: `mini` runs in seconds."),
            Code(Parameters, NotebookParameters.Tag),
            Text("## Measure\n\nInvented curves, to be replaced by a measurement."),
            Code(Measure),
            Text("## Figure"),
            Code(Plot),
            Text("## Verdict"),
            Code($"var claim = {JsonValue.Create(claim).ToJsonString()};\n{Verdict}"),
            Text("## Limits\n\n- What was smaller than it should be, and what would change the conclusion."),
        ];
        for (var i = 0; i < cells.Length; i++)
            cells[i]["id"] = $"cell-{i + 1:00}";
        return NotebookFile.Parse(new JsonObject
        {
            ["cells"] = new JsonArray([.. cells]),
            ["metadata"] = new JsonObject
            {
                ["kernelspec"] = new JsonObject { ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp" },
                ["language_info"] = new JsonObject { ["file_extension"] = ".cs", ["mimetype"] = "text/x-csharp", ["name"] = "C#", ["pygments_lexer"] = "csharp" },
            },
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        }.ToJsonString(), "new notebook");
    }

    private static JsonObject Text(string source) => new() { ["cell_type"] = "markdown", ["metadata"] = new JsonObject(), ["source"] = source };

    private static JsonObject Code(string source, params string[] tags) => new()
    {
        ["cell_type"] = "code",
        ["execution_count"] = null,
        ["metadata"] = tags.Length == 0 ? [] : new JsonObject { ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]) },
        ["outputs"] = new JsonArray(),
        ["source"] = source,
    };
}
