using Bft.Notebooks.Files;
using Bft.Results;

namespace Bft.Cli.Tests;

/// <summary>Executed notebooks become sections of the report.</summary>
public class NotebookSectionsTests
{
    private const string Executed = """
        {"cells": [
          {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Title\n", "text"]},
          {"cell_type": "raw", "id": "b", "metadata": {}, "source": "hidden"},
          {"cell_type": "code", "id": "c", "execution_count": 1, "metadata": {}, "source": "#!fsharp\n1", "outputs": [
            {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
            {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {
              "application/vnd.plotly.v1+json": {"data": [1], "layout": {"title": "é"}}, "image/svg+xml": ["<svg>\n", "</svg>"], "text/plain": "plain"}}]},
          {"cell_type": "code", "id": "d", "execution_count": 2, "metadata": {}, "source": "x", "outputs": [
            {"output_type": "error", "ename": "System.Exception", "evalue": "no", "traceback": ["at a", "at b"]}]}
        ], "metadata": {"kernelspec": {"name": ".net-csharp", "display_name": ".NET (C#)", "language": "C#"}}, "nbformat": 4, "nbformat_minor": 5}
        """;

    [Fact]
    public void Every_kind_of_output_keeps_its_forms()
    {
        var section = NotebookSections.From("01", NotebookFile.Parse(Executed, "01.ipynb"), "");
        Assert.Equal("Title", section.Title);
        Assert.Equal(["markdown", "fsharp", "csharp"], section.Cells.Select(cell => cell.Language));
        Assert.Equal("one\ntwo\n", section.Cells[1].Outputs[0].Forms["text/plain"]);
        var figure = section.Cells[1].Outputs[1].Forms;
        Assert.Equal("""{"data":[1],"layout":{"title":"é"}}""", figure["application/vnd.plotly.v1+json"]);
        Assert.Equal("<svg>\n</svg>", figure["image/svg+xml"]);
        Assert.Equal("plain", figure["text/plain"]);
        Assert.Equal("System.Exception: no", section.Cells[2].Outputs[0].Forms["text/plain"]);
        Assert.Empty(section.Claims);
    }

    [Fact]
    public void Claims_travel_through_a_notebook_and_a_broken_one_is_refused()
    {
        var claims = ClaimTable.Of(Claim.Of("It holds.", Check.That("one", true, ("one", 1)))).ToJson();
        string With(string json) => Executed.Replace("\"text/plain\": \"plain\"", $"\"{ClaimTable.MimeType}\": {json}", StringComparison.Ordinal);
        var section = NotebookSections.From("01", NotebookFile.Parse(With(claims), "01.ipynb"), "");
        Assert.Equal("It holds.", Assert.Single(section.Claims).Sentence);
        var broken = NotebookSections.From("01", NotebookFile.Parse(With(claims.Replace("holds", "maybe", StringComparison.Ordinal)), "01.ipynb"), "");
        Assert.StartsWith("01, cell 2: ", Assert.Throws<ResultsFormatException>(() => broken.Claims).Message, StringComparison.Ordinal);
    }
}
