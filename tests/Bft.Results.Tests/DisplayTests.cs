using Microsoft.DotNet.Interactive.Formatting;

namespace Bft.Results.Tests;

/// <summary>Tables and claims show themselves in hosts that use .NET Interactive's formatter, without a reference to it.</summary>
public class DisplayTests
{
    private sealed record Undescribed;

    [Fact]
    public void The_formatter_finds_the_forms_by_convention()
    {
        var claims = ClaimTable.Of(Claim.Of("x", Check.That("a", true, ("n", 1))));
        Assert.Equal([ClaimTable.MimeType, "text/html", "text/plain"], Formatter.GetPreferredMimeTypesFor(typeof(ClaimTable)));
        Assert.Equal(claims.ToJson(), claims.ToDisplayString(ClaimTable.MimeType));
        Assert.Equal(claims.ToHtml(), claims.ToDisplayString("text/html"));
        Assert.Equal(claims.ToText(), claims.ToDisplayString("text/plain"));

        var table = MetricTable.Of("t", new MetricRow("x", Metrics.Accuracy.Of(0.5, 4)));
        Assert.Equal(["text/html", "text/plain"], Formatter.GetPreferredMimeTypesFor(typeof(MetricTable)));
        Assert.Equal(table.ToHtml(), table.ToDisplayString("text/html"));
    }

    [Fact]
    public void A_value_of_another_type_is_left_alone()
    {
        var formatter = new Bft.Results.Display.DisplayFormatter<ClaimTable>("text/plain", table => table.ToText());
        var writer = new StringWriter();
        Assert.False(formatter.Format(new Undescribed(), writer));
        Assert.Empty(writer.ToString());
    }
}
