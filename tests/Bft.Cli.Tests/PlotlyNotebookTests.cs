using System.Text.Json.Nodes;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>Charts of Plotly.NET that cells show, in the forms of our own figures.</summary>
public sealed class PlotlyNotebookTests : IDisposable
{
    private const string FSharp = "#!fsharp\n#r \"nuget: Plotly.NET, 6.0.0\"\nopen Plotly.NET\ndisplay (Chart.Column(values = [ 3; 1 ], Keys = [ \"a\"; \"b\" ]))\nChart.Line(x = [ 1.0; 2.0 ], y = [ 2.0; 4.0 ], Name = \"up\") |> Chart.withTitle \"T\"";

    private const string CSharp = "#r \"nuget: Plotly.NET, 6.0.0\"\nPlotly.NET.GenericChart.ofTraceObject(false, new Plotly.NET.Trace(\"histogram\"))";

    private readonly string _folder = Directory.CreateTempSubdirectory("bft-plotly-").FullName;

    [Fact]
    public async Task A_chart_is_shown_as_a_figure_is()
    {
        var (path, executed) = (Path.Combine(_folder, "a.ipynb"), Path.Combine(_folder, "b.ipynb"));
        File.WriteAllText(path, WrittenNotebook.Of(FSharp, CSharp));
        var outcome = await CommandLine.RunAsync("notebook", "run", path, "--out", executed);
        Assert.True(outcome.Code == Verb.Success, outcome.Error);
        var cells = JsonNode.Parse(File.ReadAllText(executed))!["cells"]!.AsArray();
        var shown = cells[0]!["outputs"]!.AsArray().Where(output => output!["data"] is not null).ToList();
        Assert.Equal(2, shown.Count);
        foreach (var data in shown.Select(output => output!["data"]!.AsObject()))
        {
            Assert.Equal(["application/vnd.plotly.v1+json", "image/svg+xml", "text/html", "text/plain"], data.Select(form => form.Key));
            Assert.IsType<JsonObject>(data["application/vnd.plotly.v1+json"]);
            Assert.DoesNotContain("cdn", data["text/html"]!.ToJsonString());
        }

        Assert.Contains("up: 2 points, x 1 to 2, y 2 to 4", shown[1]!["data"]!["text/plain"]!.ToJsonString());
        var other = cells[1]!["outputs"]!.AsArray().Single(output => output!["data"] is not null)!["data"]!;
        Assert.Contains("there is no picture", other["text/plain"]!.ToJsonString(), StringComparison.OrdinalIgnoreCase); // the wrong variant: a table of the chart's properties
        Assert.Null(other["image/svg+xml"]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
