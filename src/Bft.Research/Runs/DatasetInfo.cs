using Bft.Research.Data;

namespace Bft.Research.Runs;

/// <summary>Data sets by name, as LLaMA-Factory's <c>dataset_info.json</c> describes them: file, form, columns, tags.</summary>
internal static class DatasetInfo
{
    private const string FileName = "dataset_info.json";

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
        return new(names.Origin, [.. names.Items.Select(name => Source(((RunScalar)name).Text, names.Origin, entries, folder, written))]);
    }

    private static RunMap Source(string name, string origin, RunMap entries, string folder, IReadOnlyDictionary<string, RunNode> written)
    {
        if (Member(entries, name) is not RunMap entry)
            throw new InvalidDataException($"{origin}: dataset: {entries.Origin[..entries.Origin.LastIndexOf(':')]} has no '{name}'; the nearest is '{OptionNames.Nearest(name, entries.Members.Select(m => m.Name))}'.");
        if (Member(entry, "file_name") is not RunScalar file)
            throw new InvalidDataException($"{entry.Origin}: {name}: expected file_name, actual {entry}: only local files are read.");
        List<(string, string, RunNode)> source = [("file", file.Origin, new RunScalar(file.Origin, Path.Combine(folder, file.Text), true))];
        if (Member(entry, "formatting") is RunScalar form)
            source.Add(("form", form.Origin, form));
        RunMap[] named = [.. new[] { Member(entry, "columns"), Member(entry, "tags") }.OfType<RunMap>()];
        if (named.Length > 0)
            source.Add(("columns", named[0].Origin, new RunMap(named[0].Origin, [.. named.SelectMany(map => map.Members).Where(m => m.Value is RunScalar { Text.Length: > 0 })])));
        if ((written.GetValueOrDefault("max_samples") ?? Member(entry, "num_samples")) is RunScalar { IsNull: false } limit)
            source.Add(("limit", limit.Origin, limit));
        return new(entry.Origin, source);
    }

    private static RunNode? Member(RunMap map, string name) => map.Members.FirstOrDefault(m => m.Name == name).Value;
}
