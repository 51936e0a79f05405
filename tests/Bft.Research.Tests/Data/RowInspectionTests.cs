using Bft.Research.Data;
using static Bft.Research.Tests.Data.ChatTokenizer;

namespace Bft.Research.Tests.Data;

public sealed class RowInspectionTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("rows").FullName, "rows.jsonl");

    public RowInspectionTests() => File.WriteAllText(_file, """
        {"messages": [{"role": "user", "content": "Name a gene."}, {"role": "assistant", "content": "TP53"}]}
        {"messages": [{"role": "user", "content": "Another?"}, {"role": "assistant", "content": "<think>a gene</think>BRCA1"}, {"role": "user", "content": "Another gene."}, {"role": "assistant", "content": "TP53 🧬", "train": false}]}
        nonsense
        {"messages": [{"role": "user", "content": "Be short."}, {"role": "assistant", "content": "Another gene TP53 BRCA1"}]}
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "train": false}]}
        """);

    [Fact]
    public void Rows_show_what_is_taught_left_out_and_cut_off()
    {
        var rows = Read(new() { Reasoning = ReasoningMask.Mask, Cutoff = 24 }, new() { Rows = 9 }).Rows;
        Assert.Equal("<|im_start|>user\nName a gene.<|im_end|>\n<|im_start|>assistant\n⟦TP53<|im_end|>⟧\n", Body(rows[0]));
        Assert.Contains("⟦<think>⟧{a gene}⟦</think>BRCA1<|im_end|>⟧\n", Body(Read(new() { Reasoning = ReasoningMask.Mask }).Rows[1]));
        Assert.Contains("TP53 🧬<|im_end|>", Body(Read().Rows[1])); // not taught, and bytes of one character stay together
        Assert.DoesNotContain("⟦TP53 🧬", Body(Read().Rows[1])); // the wrong variant
        Assert.Contains("✂", Body(rows[1]));
        Assert.Equal(Body(rows[0]).Replace("⟦", "").Replace("⟧", ""), string.Concat(rows[0].Pieces)); // nothing of the text is lost
        var last = rows[^1];
        Assert.Equal(DataProblem.NothingToLearn, Assert.Single(last.Remarks).Problem);
        Assert.Contains("  ! NothingToLearn: tokens: expected at least one supervised token, actual none of ", last.ToText());
    }

    [Fact]
    public void Colours_of_a_terminal_and_html_mark_the_same_text()
    {
        var row = Read().Rows[0];
        Assert.Contains("\u001b[1;32mTP53\u001b[0m\u001b[1;7;32m<|im_end|>\u001b[0m", row.ToText(colours: true));
        Assert.DoesNotContain("⟦", row.ToText(colours: true));
        var html = row.ToHtml();
        Assert.Contains(">TP53</span><span", html);
        Assert.Contains("&lt;|im_end|&gt;", html);
        Assert.DoesNotContain("<|im_end|>", html);
        Assert.DoesNotContain("<script", Read().ToHtml());
        var table = row.ToTable().ToText().Split('\n');
        Assert.Contains(table, line => line.EndsWith("<|im_end|>    taught, ends the turn     0", StringComparison.Ordinal));
        Assert.Equal(row.Tokens.Count + 3, table.Length);
    }

    [Fact]
    public void The_summary_counts_what_training_would_use_and_refuse()
    {
        var summary = Read(new() { Cutoff = 45 }).Summary;
        Assert.Equal(3, summary.Rows);
        Assert.Equal(3, summary.Responses);
        Assert.Equal((3, 3), (summary.Ends, summary.RowsThatEnd));
        Assert.True(summary.Refused);
        Assert.Equal(
            [(DataProblem.BrokenJson, RowPolicy.Refuse, 1), (DataProblem.NothingToLearn, RowPolicy.Refuse, 1), (DataProblem.TooLong, RowPolicy.Warn, 1)],
            summary.Problems.Select(problem => (problem.Problem, problem.Policy, problem.Rows)));
        Assert.Equal(summary.Lengths[^1], Read(new() { Cutoff = 45 }).Usable.Max(row => row.Length));
        Assert.False(Read(new() { Policies = RowPolicies.SkipUnusable }).Summary.Refused);
        // The wrong variant: a summary of what is left after reading, in which every row has a taught end.
        var cut = Read(new() { Cutoff = 22 }).Summary;
        Assert.NotEqual(cut.Responses, cut.Ends);
        Assert.Contains(cut.Problems, problem => problem.Problem == DataProblem.TruncatedEnd);
    }

    [Fact]
    public void Rows_are_chosen_by_line_or_by_what_is_the_matter()
    {
        Assert.EndsWith(":4", Assert.Single(Read(selection: new() { Line = 4 }).Rows).Name);
        Assert.EndsWith(":5", Assert.Single(Read(selection: new() { With = DataProblem.NothingToLearn }).Rows).Name);
        Assert.Empty(Read(selection: new() { Rows = 0 }).Rows);
    }

    /// <summary>Hosts find formatters by the attribute; they must write what the methods do.</summary>
    [Fact]
    public void A_notebook_shows_it()
    {
        var inspection = Read();
        foreach (var (value, html) in new (object, string)[] { (inspection, inspection.ToHtml()), (inspection.Rows[0], inspection.Rows[0].ToHtml()) })
        {
            var source = (Bft.Results.Display.TypeFormatterSourceAttribute)Attribute.GetCustomAttribute(value.GetType(), typeof(Bft.Results.Display.TypeFormatterSourceAttribute))!;
            var formatters = (IEnumerable<object>)source.FormatterSourceType.GetMethod("CreateTypeFormatters")!.Invoke(Activator.CreateInstance(source.FormatterSourceType, nonPublic: true), null)!;
            using var writer = new StringWriter();
            var first = formatters.First();
            Assert.Equal("text/html", first.GetType().GetProperty("MimeType")!.GetValue(first));
            Assert.True((bool)first.GetType().GetMethod("Format")!.Invoke(first, [value, writer])!);
            Assert.Equal(html, writer.ToString());
        }
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    private static string Body(RowView row) => row.ToText()[(row.ToText().IndexOf('\n') + 1)..];

    private RowInspection Read(RowOptions? options = null, RowSelection? selection = null) => RowInspection.Read(_file, Tokenizer, Tagged, options, selection);
}
