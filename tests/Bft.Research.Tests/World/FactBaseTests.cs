using Bft.Research.World;
using Bft.Tests;

namespace Bft.Research.Tests.World;

public class FactBaseTests
{
    internal static string Mini => Path.Combine(Checkout.Root, "notebooks", "mini");

    private static readonly FactBase Facts = FactBase.Read(Path.Combine(Mini, "facts"));

    private static readonly Dictionary<string, string> Renamed = new()
    {
        ["GBA1"] = "GBA",
        ["CGAS"] = "MB21D1",
        ["STING1"] = "TMEM173",
        ["PRKN"] = "PARK2",
        ["MRE11"] = "MRE11A",
    };

    [Fact]
    public void The_tables_are_as_large_as_promised_and_small_on_disk()
    {
        Assert.InRange(Facts.Genes.Count, 300, 600);
        Assert.InRange(Facts.Processes.Count, 60, 200);
        Assert.InRange(Facts.Drugs.Count, 80, 300);
        Assert.InRange(Facts.CellLines.Count, 20, 100);
        Assert.InRange(Facts.Diseases.Count, 60, 200);
        Assert.InRange(Directory.GetFiles(Path.Combine(Mini, "facts")).Sum(f => new FileInfo(f).Length), 1, 300_000);
        Assert.All(Facts.Processes, p => Assert.InRange(p.Genes.Count, 3, 12));
        Assert.All(Facts.Regulations.GroupBy(r => (r.Regulator, r.Target)), g => Assert.Single(g));
    }

    [Fact]
    public void Bands_lie_on_the_chromosome_arm_of_the_gene_table_and_shuffled_ones_do_not()
    {
        var table = GeneTable();
        var own = Agreement(Facts.Genes, Facts.Genes, table, SameArm);
        var shifted = Agreement(Facts.Genes, [.. Facts.Genes.Skip(7), .. Facts.Genes.Take(7)], table, SameArm);
        Assert.True(own >= 0.99, $"arms agree for {own:P1} of the genes");
        Assert.True(shifted < 0.15, $"shuffled arms agree for {shifted:P1}");
    }

    [Fact]
    public void Names_share_their_words_with_the_gene_table_and_shuffled_ones_do_not()
    {
        var table = GeneTable();
        var own = Agreement(Facts.Genes, Facts.Genes, table, ShareWords);
        var shifted = Agreement(Facts.Genes, [.. Facts.Genes.Skip(7), .. Facts.Genes.Take(7)], table, ShareWords);
        Assert.True(own >= 0.95, $"names agree for {own:P1} of the genes");
        Assert.True(shifted < 0.3, $"shuffled names agree for {shifted:P1}");
    }

    [Fact]
    public void Members_of_processes_are_members_in_the_source_and_shuffled_ones_are_not()
    {
        Dictionary<string, HashSet<string>> sets = [];
        foreach (var line in File.ReadLines(SharedFolder.Require("data", "pathways", "ReactomePathways.gmt")))
            sets.TryAdd(line.Split('\t')[1], [.. line.Split('\t').Skip(2)]);
        foreach (var line in File.ReadLines(SharedFolder.Require("data", "pathways", "enrichr.GO_Biological_Process_2021.gmt")))
            sets.TryAdd(line.Split('\t')[0].Split('(', ')')[^2], [.. line.Split('\t').Skip(2)]);

        double Share(int shift) => Facts.Processes.SelectMany((p, i) => p.Genes.Select(g => (Set: Facts.Processes[(i + shift) % Facts.Processes.Count].Identifier, Gene: g)))
            .Average(m => sets[m.Set].Contains(m.Gene) || sets[m.Set].Contains(Renamed.GetValueOrDefault(m.Gene, m.Gene)) ? 1.0 : 0);

        Assert.Equal(1.0, Share(0));
        Assert.True(Share(13) < 0.25, $"shuffled members agree for {Share(13):P1}");
    }

    [Fact]
    public void Families_are_spoken_of_in_descriptions_and_summaries_and_shuffled_ones_are_not()
    {
        string[] common = ["protein", "factor", "family", "member", "subunit", "type", "enzyme", "with", "through", "from", "other", "domain"];
        var table = GeneTable();
        var summaries = Rows("gene-text", "gene_summaries.tsv").GroupBy(f => f[0]).ToDictionary(g => g.Key, g => string.Join(' ', g.First()[1..]));
        double Share(int shift) => Facts.Genes.Select((g, i) => (g.Symbol, Words: Facts.Genes[(i + shift) % Facts.Genes.Count].Family.ToLowerInvariant()
                .Split(' ', '-', '/', '(', ')').Where(w => w.Length > 3 && !common.Contains(w)).Select(w => w[..Math.Min(6, w.Length)]).ToList()))
            .Where(g => g.Words.Count > 0)
            .Average(g => g.Words.Any((string.Join(' ', table[g.Symbol][2..]) + summaries.GetValueOrDefault(g.Symbol)).ToLowerInvariant().Contains) ? 1.0 : 0);

        Assert.True(Share(0) >= 0.93, $"families agree for {Share(0):P1}");
        Assert.True(Share(17) < 0.5, $"shuffled families agree for {Share(17):P1}");
    }

    [Fact]
    public void Regulator_and_target_share_a_pathway_and_shuffled_pairs_do_so_half_as_often()
    {
        Dictionary<string, HashSet<int>> sets = [];
        var lines = File.ReadLines(SharedFolder.Require("data", "pathways", "ReactomePathways.gmt"))
            .Concat(File.ReadLines(SharedFolder.Require("data", "pathways", "enrichr.GO_Biological_Process_2021.gmt")));
        foreach (var (members, number) in lines.Select(l => l.Split('\t')[2..]).Where(m => m.Length <= 150).Select((m, i) => (m, i)))
        {
            foreach (var gene in members)
                (sets.TryGetValue(gene, out var of) ? of : sets[gene] = []).Add(number);
        }

        HashSet<int> Of(string gene) => sets.GetValueOrDefault(Renamed.GetValueOrDefault(gene, gene)) ?? sets.GetValueOrDefault(gene) ?? [];
        double Share(int shift) => Facts.Regulations.Select((r, i) => (r.Regulator, Facts.Regulations[(i + shift) % Facts.Regulations.Count].Target))
            .Average(p => Of(p.Regulator).Overlaps(Of(p.Target)) ? 1.0 : 0);

        Assert.True(Share(0) >= 0.9, $"pairs share a set in {Share(0):P1}");
        Assert.True(Share(31) < 0.55, $"shuffled pairs share a set in {Share(31):P1}");
    }

    [Fact]
    public void Drug_targets_are_targets_in_the_drug_table_and_shuffled_ones_are_not()
    {
        var symbols = GeneTable().Values.GroupBy(f => f[1]).ToDictionary(g => g.Key, g => g.First()[0]);
        var ids = Rows("drug-knowledge", "drugbank-slim.tsv").Where(f => f.Length > 1).GroupBy(f => f[1].ToLowerInvariant()).ToDictionary(g => g.Key, g => g.First()[0]);
        var targets = Rows("drug-knowledge", "proteins.tsv").ToLookup(f => f[0], f => symbols.GetValueOrDefault(f[3], ""));
        var known = Facts.Drugs.Where(d => ids.ContainsKey(d.Name)).ToList();

        double Share(int shift) => known.SelectMany((d, i) => known[(i + shift) % known.Count].Targets.Select(t => (d.Name, Target: t)))
            .Average(p => targets[ids[p.Name]].Contains(p.Target) ? 1.0 : 0);

        Assert.True(known.Count >= 70, $"{known.Count} drugs are in the table");
        Assert.True(Share(0) >= 0.9, $"targets agree for {Share(0):P1}");
        Assert.True(Share(11) < 0.15, $"shuffled targets agree for {Share(11):P1}");
    }

    [Theory]
    [InlineData("diseases.tsv", "cystic fibrosis\tCFTR\t", "cystic fibrosis\tCFTRX\t", "diseases.tsv, line 24, genes: expected symbols of genes.tsv, actual \"CFTRX\".")]
    [InlineData("genes.tsv", "ABL1\t", "ACACA\t", "genes.tsv, line 3, symbol: expected each symbol once, \"ACACA\" is repeated.")]
    [InlineData("genes.tsv", "\t9q34.12\t", "\t29q34.12\t", "genes.tsv, line 2, band: expected chromosome, arm and band such as 7p11.2, actual \"29q34.12\".")]
    [InlineData("regulations.tsv", "ABL1\tactivates", "ABL1\thelps", "regulations.tsv, line 2, effect: expected activates or represses, actual \"helps\".")]
    public void A_wrong_table_is_refused_with_file_line_and_field(string file, string right, string wrong, string message)
    {
        var folder = Directory.CreateTempSubdirectory("facts").FullName;
        try
        {
            foreach (var path in Directory.GetFiles(Path.Combine(Mini, "facts"), "*.tsv"))
                File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
            var text = File.ReadAllText(Path.Combine(folder, file));
            Assert.Contains(right, text);
            var at = text.IndexOf(right, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder, file), text[..at] + wrong + text[(at + right.Length)..]);
            var error = Assert.Throws<WorldDataException>(() => FactBase.Read(folder));
            Assert.EndsWith(message, error.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Agreement(IReadOnlyList<Gene> genes, IReadOnlyList<Gene> values, Dictionary<string, string[]> table, Func<string[], Gene, bool> agree) =>
        genes.Zip(values).Where(p => table.ContainsKey(p.First.Symbol) && table[p.First.Symbol][3].Length > 0)
            .Average(p => agree(table[p.First.Symbol], p.Second) ? 1.0 : 0);

    private static bool SameArm(string[] row, Gene gene) =>
        row[3].StartsWith(gene.Band[..(gene.Band.IndexOfAny(['p', 'q']) + 1)], StringComparison.Ordinal);

    private static bool ShareWords(string[] row, Gene gene)
    {
        char[] split = [' ', ',', '-', '(', ')', '/', ';'];
        var listed = (row[0] + " " + row[2] + " " + row[4]).ToLowerInvariant().Split(split).ToHashSet();
        var words = gene.Name.ToLowerInvariant().Split(split, StringSplitOptions.RemoveEmptyEntries);
        return words.Count(listed.Contains) * 2 >= words.Length;
    }

    /// <summary>Rows of the gene table by today's symbol; the table of 2015 lists some genes under an older one.</summary>
    private static Dictionary<string, string[]> GeneTable()
    {
        var rows = Rows("gene-text", "gene_descriptions.tsv").GroupBy(f => f[0]).ToDictionary(g => g.Key, g => g.First());
        foreach (var (now, then) in Renamed)
            rows[now] = rows[then];
        return rows;
    }

    private static IEnumerable<string[]> Rows(params string[] parts) =>
        File.ReadLines(SharedFolder.Require(["data", .. parts])).Skip(1).Select(l => l.Split('\t'));
}
