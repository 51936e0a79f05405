using Bft.Research.Data;

namespace Bft.Research.Runs;

/// <summary>Data sets by name, as LLaMA-Factory's <c>dataset_info.json</c> describes them: file, form, columns, tags.</summary>
/// <remarks>Differs: only local files; of <c>num_samples</c> and <c>max_samples</c> rows the first are taken, not random ones.</remarks>
internal static class DatasetInfo
{
    private const string FileName = "dataset_info.json";

    /// <summary>Entries that a source has no place for, with the reason why they cannot be passed over.</summary>
    private static readonly Dictionary<string, string> s_refused = new(StringComparer.Ordinal)
    {
        ["ranking"] = "preference pairs are for other objectives",
        ["images"] = "text only",
        ["videos"] = "text only",
        ["audios"] = "text only",
        ["chosen"] = "preference pairs are for other objectives",
        ["rejected"] = "preference pairs are for other objectives",
        ["kto_tag"] = "preference labels are for other objectives",
    };

    /// <summary>What columns and tags are where an entry says nothing, by form. An empty name stands for no column.</summary>
    private static readonly Dictionary<string, (string Name, string Value)[]> s_defaults = new(StringComparer.OrdinalIgnoreCase)
    {
        ["alpaca"] = [("history", ""), ("system", ""), ("tools", "")],
        ["sharegpt"] = [("messages", "conversations"), ("role_tag", "from"), ("content_tag", "value"), ("system", ""), ("tools", "")],
    };

    /// <summary>The sources that names stand for.</summary>
    /// <param name="names">Names of entries.</param>
    /// <param name="written">What else was given, for <c>dataset_dir</c> and <c>max_samples</c>.</param>
    /// <exception cref="InvalidDataException">A name has no entry, or an entry needs something that is not offered.</exception>
    public static RunList Resolve(RunList names, IReadOnlyDictionary<string, RunNode> written)
    {
        var folder = written.GetValueOrDefault("dataset_dir") is RunScalar { IsNull: false } given ? given.Text : "data";
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new InvalidDataException($"{names.Origin}: dataset: expected the file {path} (dataset_dir names its folder), actual none.");
        var entries = RunText.Read(File.ReadAllText(path), path);
        return new(names.Origin, [.. names.Items.Select(name => Source(((RunScalar)name).Text, names.Origin, entries, folder, path, written))]);
    }

    private static RunMap Source(string name, string origin, RunMap entries, string folder, string path, IReadOnlyDictionary<string, RunNode> written)
    {
        if (Member(entries, name) is not RunMap entry)
            throw new InvalidDataException($"{origin}: dataset: {path} has no '{name}'; the nearest is '{OptionNames.Nearest(name, entries.Members.Select(m => m.Name))}'.");
        if (Member(entry, "file_name") is not RunScalar file)
            throw new InvalidDataException($"{entry.Origin}: {name}: expected file_name (only local files are read), actual {entry}.");
        Refuse(entry, name);
        List<(string, string, RunNode)> source = [("file", file.Origin, new RunScalar(file.Origin, Path.Combine(folder, file.Text), true))];
        var form = Member(entry, "formatting") as RunScalar ?? new RunScalar(entry.Origin, "alpaca", false);
        source.Add(("form", form.Origin, form));
        source.Add(("columns", entry.Origin, new RunMap(entry.Origin, [.. Columns(entry, form)])));
        if ((written.GetValueOrDefault("max_samples") ?? Member(entry, "num_samples")) is RunScalar { IsNull: false } limit)
            source.Add(("limit", limit.Origin, limit));
        return new(entry.Origin, source);
    }

    private static IEnumerable<(string Name, string Origin, RunNode Value)> Columns(RunMap entry, RunScalar form)
    {
        (string Name, string Origin, RunNode Value)[] given = [.. Members(entry, "columns").Concat(Members(entry, "tags"))];
        return s_defaults.GetValueOrDefault(form.Text, []).Where(one => given.All(g => g.Name != one.Name))
            .Select(one => (one.Name, entry.Origin, (RunNode)new RunScalar(entry.Origin, one.Value, true)))
            .Concat(given.Select(one => one.Value is RunScalar { IsNull: true } ? (one.Name, one.Origin, new RunScalar(one.Origin, "", true)) : one));
    }

    private static void Refuse(RunMap entry, string name)
    {
        foreach (var (member, origin, value) in entry.Members.Concat(Members(entry, "columns")))
            if (s_refused.TryGetValue(member, out var reason) && value is not RunScalar { Text: "false" or "" or "null" })
                throw new InvalidDataException($"{origin}: {name}: {member} cannot be honoured: {reason}.");
    }

    private static IReadOnlyList<(string Name, string Origin, RunNode Value)> Members(RunMap map, string name) => Member(map, name) is RunMap inner ? inner.Members : [];

    private static RunNode? Member(RunMap map, string name) => map.Members.FirstOrDefault(m => m.Name == name).Value;
}
