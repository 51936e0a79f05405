using System.Text.Json;

namespace Bft.Research.Runs;

/// <summary>Run options as YAML or JSON: those of a training run, and in the same way those of any other verb.</summary>
/// <remarks>
/// Names are those of the records, in any of <c>learningRate</c>, <c>LearningRate</c>, <c>learning_rate</c>, nested (<c>trainer: {lora: {rank: 8}}</c>), dotted (<c>trainer.lora.rank: 8</c>) or, where only one
/// option has it, by the last name alone (<c>rank: 8</c>); beside them those of LLaMA-Factory and transformers that <c>run-names.tsv</c> lists. A name that does not exist is an error that names the nearest.
/// </remarks>
public static class RunFile
{
    /// <summary>Reads options; what is absent keeps its default.</summary>
    /// <param name="path">A YAML or JSON file; null for none, so that everything comes from <paramref name="settings"/>.</param>
    /// <param name="settings">Options that win over the file, in order: of two for one option the last counts.</param>
    /// <param name="remarks">Receives what was translated and ignored.</param>
    /// <param name="environment">Gives environment variables, which the flag of the released BFT reads; null for none.</param>
    /// <exception cref="InvalidDataException">Names or values are wrong; names file and line, option, expected, actual.</exception>
    public static RunOptions Read(string? path, IEnumerable<RunSetting>? settings = null, ICollection<RunRemark>? remarks = null, Func<string, string?>? environment = null) =>
        Read<RunOptions>(path, settings, remarks, environment);

    /// <summary>Reads options of any kind in the same way. Names of other tools are known for <see cref="RunOptions"/> only.</summary>
    /// <typeparam name="T">Record of options, nested as deep as need be: texts, numbers, flags, enumerations, lists of them.</typeparam>
    /// <param name="path">A YAML or JSON file; null for none.</param>
    /// <param name="settings">Options that win over the file, in order.</param>
    /// <param name="remarks">Receives what was translated and ignored.</param>
    /// <param name="environment">Gives environment variables; null for none.</param>
    /// <exception cref="InvalidDataException">Names or values are wrong; names file and line, option, expected, actual.</exception>
    public static T Read<T>(string? path, IEnumerable<RunSetting>? settings = null, ICollection<RunRemark>? remarks = null, Func<string, string?>? environment = null)
        where T : class, IRunFileOptions
    {
        if (path is not null && !File.Exists(path))
            throw new InvalidDataException($"{path}: no such file.");
        return Parse<T>(path is null ? null : File.ReadAllText(path), path ?? "", settings, remarks, environment);
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">YAML or JSON; null for none.</param>
    /// <param name="origin">File named in errors.</param>
    /// <param name="settings">Options that win over the text.</param>
    /// <param name="remarks">Receives what was translated and ignored.</param>
    /// <param name="environment">Gives environment variables, which the flag of the released BFT reads; null for none.</param>
    /// <exception cref="InvalidDataException">Names or values are wrong; names file and line, option, expected, actual.</exception>
    public static RunOptions Parse(string? text, string origin, IEnumerable<RunSetting>? settings = null, ICollection<RunRemark>? remarks = null, Func<string, string?>? environment = null) =>
        Parse<RunOptions>(text, origin, settings, remarks, environment);

    /// <summary>The options as JSON, all written out; <see cref="Parse"/> gives them back.</summary>
    /// <param name="options">Options.</param>
    public static string Write(RunOptions options) => JsonSerializer.Serialize(options, RunSchema.Json) + "\n";

    private static T Parse<T>(string? text, string origin, IEnumerable<RunSetting>? settings, ICollection<RunRemark>? remarks, Func<string, string?>? environment)
        where T : class, IRunFileOptions
    {
        var draft = new RunDraft(RunSchema.Of(typeof(T)), environment);
        RunSetting[] given = [.. settings ?? []];
        if (text is not null)
            draft.Add([.. RunText.Read(text, origin).Members.Where(member => given.All(setting => setting.Name != member.Name))]);
        draft.Add([.. given.Select(setting => (setting.Name, setting.Value.Origin, setting.Value))], lastCounts: true);
        var options = draft.Finish<T>();
        if (options.Validate() is { Count: > 0 } problems)
            throw new InvalidDataException($"options: {string.Join("; ", problems.Select(problem => draft.Located(problem.TrimEnd('.'))))}.");
        foreach (var remark in draft.Remarks)
            remarks?.Add(remark);
        return options;
    }
}
