using Bft.Figures;

namespace Bft.Cli;

/// <summary>Charts of Plotly.NET in cells. Its assembly is the cell's own, so it is met by name.</summary>
internal static class PlotlyCharts
{
    /// <summary>By the name of the type.</summary>
    public static IReadOnlyDictionary<string, Func<object, IReadOnlyDictionary<string, string>>> Forms { get; } =
        new Dictionary<string, Func<object, IReadOnlyDictionary<string, string>>> { ["Plotly.NET.GenericChart"] = chart => ChartForms.Of(Json(chart)) };

    private static string Json(object chart)
    {
        for (var type = chart.GetType(); type is not null; type = type.BaseType)
            if (type.GetMethod("toFigureJson", [type]) is { IsStatic: true } method)
                return (string)method.Invoke(null, [chart])!;
        throw new MissingMethodException(chart.GetType().FullName, "toFigureJson");
    }
}
