using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Bft.Notebooks.Running;

/// <summary>Reports in the XML that build servers read: a suite for each notebook, a case for each code cell.</summary>
/// <remarks>
/// There is no standard; this is the part that Jenkins, GitLab, Azure and GitHub actions agree on. A cell that fails is a <c>failure</c>; one that ran out of time, was
/// cancelled or ended its process is an <c>error</c>; what was not reached is <c>skipped</c>.
/// </remarks>
public static class JUnitReport
{
    private const string Name = "bft notebook run";

    /// <summary>The reports as a document.</summary>
    public static XDocument Of(IReadOnlyList<RunReport> reports)
    {
        var suites = reports.Select(Suite).ToList();
        return new XDocument(new XElement("testsuites", new XAttribute("name", Name), Totals(suites), Time(TimeSpan.FromTicks(reports.Sum(report => report.Elapsed.Ticks))), suites));
    }

    /// <summary>Writes the document; its folder is made when absent.</summary>
    public static void Write(IReadOnlyList<RunReport> reports, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var writer = XmlWriter.Create(path, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) });
        Of(reports).Save(writer);
    }

    private static XElement Suite(RunReport report)
    {
        var cases = report.Cells.Select(cell => Case(report, cell)).ToList();
        if (report.Failure is { Cell: 0 } failure)
            cases.Insert(0, new XElement("testcase", new XAttribute("name", "start"), new XAttribute("classname", ClassName(report)), Time(TimeSpan.Zero), Problem(report, failure)));
        XElement[] counted = [new("counted", cases)];
        return new XElement("testsuite", new XAttribute("name", report.File), Totals(counted), Time(report.Elapsed), cases);
    }

    private static XElement Case(RunReport report, CellTime cell)
    {
        var isFailed = report.Failure is { } && report.Failure.Cell == cell.Number;
        return new XElement(
            "testcase",
            new XAttribute("name", $"cell {cell.Number} (position {cell.Position})"),
            new XAttribute("classname", ClassName(report)),
            Time(cell.Elapsed ?? (isFailed ? report.Elapsed - TimeSpan.FromTicks(report.Cells.Sum(one => one.Elapsed?.Ticks ?? 0)) : TimeSpan.Zero)),
            isFailed ? Problem(report, report.Failure!) : cell.Elapsed is null ? new XElement("skipped") : null);
    }

    private static XElement Problem(RunReport report, RunFailure failure) => new(
        failure.Kind == FailureKind.Cell ? "failure" : "error",
        new XAttribute("type", Printable(failure.Name)),
        new XAttribute("message", Printable(failure.Message)),
        Printable(string.Join('\n', [report.ToString(), .. failure.Trace])));

    private static string ClassName(RunReport report) => Path.GetFileNameWithoutExtension(report.File);

    private static XAttribute[] Totals(IEnumerable<XElement> suites)
    {
        var cases = suites.Elements("testcase").ToList();
        int Count(string kind) => cases.Count(one => one.Element(kind) is not null);
        return [new("tests", cases.Count), new("failures", Count("failure")), new("errors", Count("error")), new("skipped", Count("skipped"))];
    }

    private static XAttribute Time(TimeSpan time) => new("time", Math.Max(0, time.TotalSeconds).ToString("0.000", CultureInfo.InvariantCulture));

    /// <summary>XML has no place for control characters and halves of characters.</summary>
    private static string Printable(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value) ? rune : Rune.ReplacementChar));
}
