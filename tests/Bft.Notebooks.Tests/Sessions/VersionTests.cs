namespace Bft.Notebooks.Tests.Sessions;

/// <summary>C#, F# and Plotly.NET in one process, every assembly once.</summary>
public class VersionTests(LiveSession live)
{
    [Fact]
    public async Task Both_languages_and_charts_share_one_FSharp_Core()
    {
        Assert.Equal("3", (await live.RunAsync("var a = 1;\na + 2")).Result);
        Assert.Equal("6", (await live.RunAsync("#!fsharp\nlet b = [1; 2; 3]\nList.sum b")).Result);
        Assert.Equal("Chart", (await live.RunAsync(
            """
            #r "Plotly.NET"
            var chart = Plotly.NET.GenericChart.ofTraceObject(false, new Plotly.NET.Trace("scatter"));
            chart.GetType().Name
            """)).Result);
        Assert.Contains("\"data\"", (await live.RunAsync(
            "#!fsharp\nmodule Charts =\n    open Plotly.NET\n    let json = Chart.Line(x = [1; 2], y = [2.0; 4.0]) |> GenericChart.toFigureJson\nCharts.json")).Result); // open in the session, its type HTML would hide ours from later cells
    }

    [Theory]
    [InlineData("FSharp.Core", "10.1.0.0")]
    [InlineData("Microsoft.CodeAnalysis", "5.0.0.0")]
    [InlineData("Bft.Research", "0.1.0.0")]
    public async Task An_assembly_is_loaded_once(string name, string version)
    {
        await live.RunAsync("#r \"Bft.Research\"\ntypeof(Bft.Research.Numerics.NextToken).Name");
        await live.RunAsync("#!fsharp\ntypeof<Bft.Research.Numerics.NextToken>.Name");
        Assert.Equal([version], Loaded(name));
    }

    [Fact]
    public void A_second_copy_would_be_counted()
    {
        var context = new System.Runtime.Loader.AssemblyLoadContext("second", isCollectible: true);
        context.LoadFromAssemblyPath(typeof(Plotly.NET.GenericChart).Assembly.Location);
        Assert.Equal(2, Loaded("Plotly.NET").Length);
        context.Unload();
    }

    private static string[] Loaded(string name)
    {
        System.Reflection.Assembly.Load(name);
        return [.. AppDomain.CurrentDomain.GetAssemblies().Where(a => a.GetName().Name == name).Select(a => a.GetName().Version!.ToString())];
    }
}
