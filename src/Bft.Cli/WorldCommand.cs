using System.CommandLine;
using System.Text;
using Bft.Research.Checkpoints;
using Bft.Research.World;

namespace Bft.Cli;

/// <summary><c>bft world</c>: the embedded world of facts, its texts, and its pretrained model.</summary>
internal static class WorldCommand
{
    public static Command Create() => new("world", "The embedded world: facts, generated text, a small pretrained model.")
    {
        CreateShow(),
        CreatePairs(),
        WorldPretrainCommand.Create(),
    };

    private static Command CreateShow()
    {
        var data = DataOption();
        var seed = new Option<long>("--seed") { Description = "seed of the texts", DefaultValueFactory = _ => 1 };
        var command = new Command("show", "Print samples of every kind of text.") { data, seed };
        return command.Does((result, _) =>
        {
            Show(MiniWorld.Load(result.GetValue(data)!), (ulong)result.GetValue(seed));
            return Verb.Success;
        });
    }

    private static Command CreatePairs()
    {
        var data = DataOption();
        var seed = new Option<long>("--seed") { Description = "seed of phrasings and order", DefaultValueFactory = _ => 1 };
        var repeats = new Option<int>("--repeats") { Description = "pairs per fact", DefaultValueFactory = _ => 4 };
        var half = new Option<FactHalf>("--half") { Description = "which facts to teach", DefaultValueFactory = _ => FactHalf.New };
        var output = new Option<string>("--out") { Description = "JSON Lines file in the messages form", Required = true };
        var command = new Command("pairs", "Write instruction-response pairs that teach one half of the facts.") { data, seed, repeats, half, output };
        return command.Does((result, _) =>
        {
            var path = result.GetValue(output)!;
            var pairs = MiniWorld.Load(result.GetValue(data)!).FineTuning(result.GetValue(half), (ulong)result.GetValue(seed), result.GetValue(repeats));
            AtomicOutput.WriteFile(path, stream => stream.Write(Encoding.UTF8.GetBytes(string.Concat(pairs.Select(pair => pair.ToJson() + "\n")))));
            Console.WriteLine($"{pairs.Count} pairs in {path}");
            return Verb.Success;
        });
    }

    internal static Option<string> DataOption() => new("--data")
    {
        Description = "folder with facts/ and grammar/",
        DefaultValueFactory = _ => NearestMini(),
    };

    /// <summary><c>notebooks/mini</c> of the checkout around the working directory.</summary>
    private static string NearestMini()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            var mini = Path.Combine(folder.FullName, "notebooks", "mini");
            if (Directory.Exists(mini))
                return mini;
        }

        return Path.Combine("notebooks", "mini");
    }

    private static void Show(MiniWorld world, ulong seed)
    {
        Console.WriteLine($"{world.Tables.Genes.Count} genes, {world.Tables.Processes.Count} processes, {world.Tables.Regulations.Count} regulations, "
            + $"{world.Tables.Drugs.Count} drugs, {world.Tables.CellLines.Count} cell lines, {world.Tables.Diseases.Count} diseases");
        foreach (var group in world.Facts.GroupBy(f => f.Relation))
            Console.WriteLine($"  {group.Key,-16} {group.Count(f => f.Half == FactHalf.Known),5} known {group.Count(f => f.Half == FactHalf.New),5} new");
        for (var i = 0; i < 3; i++)
            Console.WriteLine($"\nGENERAL\n{world.General(seed, TextSplit.Train, i).Text}");
        foreach (var half in Enum.GetValues<FactHalf>())
        {
            var text = world.Biomedical(seed, half, TextSplit.Train, 0);
            Console.WriteLine($"\nBIOMEDICAL ({half})\n{text.Text}");
            Console.WriteLine(string.Join(", ", text.Spans.Select(s => $"{s.Kind} {s.Start}-{s.End} {s.Name}")));
        }

        Console.WriteLine("\nINSTRUCTIONS");
        Console.WriteLine(world.GeneralInstruction(seed, TextSplit.Train, 0).ToJson());
        foreach (var pair in world.FineTuning(FactHalf.New, seed, 1).Take(6))
            Console.WriteLine(pair.ToJson());
        foreach (var use in Enum.GetValues<PhrasingUse>())
        {
            Console.WriteLine($"\nQUESTIONS ({use})");
            foreach (var question in world.Questions(FactHalf.Known, use, seed, 4))
                Console.WriteLine($"{question.Prompt}\n    {string.Join(" | ", question.Options.Select((o, i) => i == question.Answer ? $"[{o}]" : o))}");
        }
    }
}
