using System.Xml.Linq;
using System.Xml.Schema;
using Bft.Notebooks.Running;
using Bft.Tests;

namespace Bft.Notebooks.Tests.Running;

/// <summary>Reports fit the structure that build servers read, and say what happened.</summary>
public class JUnitReportTests
{
    private static readonly CellTime[] s_cells = [new(1, 2, TimeSpan.FromSeconds(1.5)), new(2, 4, null), new(3, 5, null)];

    private static readonly RunReport[] s_reports =
    [
        new("n/01-good.ipynb", [new(1, 2, TimeSpan.FromSeconds(0.25))], TimeSpan.FromSeconds(0.25), null),
        new("n/02-fails.ipynb", s_cells, TimeSpan.FromSeconds(2), new(FailureKind.Cell, 2, 4, 7, "System.Exception", "a < b & \u0001\ud800", ["at <cell> 2"])),
        new("n/03-dies.ipynb", s_cells, TimeSpan.FromSeconds(3), new(FailureKind.Died, 2, 4, null, "ProcessEnded", "exit code 134", [])),
        new("n/04-late.ipynb", [.. s_cells.Select(cell => cell with { Elapsed = null })], TimeSpan.Zero, new(FailureKind.Timeout, 0, 0, null, "TimeoutError", "not started", [])),
    ];

    [Fact]
    public void The_document_fits_the_schema()
    {
        Assert.Empty(Problems(JUnitReport.Of(s_reports)));
        Assert.Empty(Problems(JUnitReport.Of([])));
    }

    [Theory]
    [InlineData("message")]
    [InlineData("time")]
    [InlineData("classname")]
    public void A_missing_attribute_would_be_found(string name)
    {
        var document = JUnitReport.Of(s_reports);
        document.Descendants().Attributes(name).First().Remove();
        Assert.NotEmpty(Problems(document));
    }

    [Fact]
    public void Cells_are_counted_by_outcome_and_times_add_up()
    {
        var suites = JUnitReport.Of(s_reports).Root!.Elements().ToList();
        Assert.Equal(["1,0,0,0", "3,1,0,1", "3,0,1,1", "4,0,1,3"], suites.Select(Totals));
        Assert.Equal("11,1,2,5", Totals(suites[0].Parent!));
        Assert.Equal(5.25, (double)suites[0].Parent!.Attribute("time")!, 1e-9);
        Assert.Equal(["1.500", "0.500", "0.000"], suites[1].Elements().Select(one => (string)one.Attribute("time")!));
    }

    [Fact]
    public void A_failed_cell_names_place_and_reason()
    {
        var failed = JUnitReport.Of(s_reports).Descendants("failure").Single();
        Assert.Equal("cell 2 (position 4)", (string)failed.Parent!.Attribute("name")!);
        Assert.Equal(("System.Exception", "a < b & \ufffd\ufffd"), ((string)failed.Attribute("type")!, (string)failed.Attribute("message")!));
        Assert.Contains("n/02-fails.ipynb: cell 2 (position 4), line 7: System.Exception", failed.Value);
        Assert.EndsWith("\nat <cell> 2", failed.Value);
    }

    [Fact]
    public void The_file_has_no_byte_order_mark()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "report.xml");
        JUnitReport.Write(s_reports, file);
        Assert.Equal((byte)'<', File.ReadAllBytes(file)[0]);
        Assert.Empty(Problems(XDocument.Load(file)));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    private static string Totals(XElement suite) => string.Join(',', new[] { "tests", "failures", "errors", "skipped" }.Select(name => (string)suite.Attribute(name)!));

    private static List<string> Problems(XDocument document)
    {
        var schemas = new XmlSchemaSet();
        schemas.Add(null, Path.Combine(Checkout.Root, "tests", "Bft.Notebooks.Tests", "Running", "junit.xsd"));
        var problems = new List<string>();
        document.Validate(schemas, (_, e) => problems.Add(e.Message));
        return problems;
    }
}
