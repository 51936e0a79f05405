using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bft.Research.Checkpoints;

namespace Bft.Cli;

/// <summary>What a verb found, as JSON for programs.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The option <c>--json</c>.</summary>
    public static Option<FileInfo?> Option() => new("--json") { Description = "as JSON instead: to a file, or without a name to standard output", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Writes a value where the option says; false when it was not given.</summary>
    public static bool Write(ParseResult result, Option<FileInfo?> option, Func<object> value)
    {
        if (result.GetResult(option) is null)
            return false;
        var text = JsonSerializer.Serialize(value(), s_json) + "\n";
        if (result.GetValue(option) is { } file)
            AtomicOutput.WriteFile(file.FullName, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        else
            Console.Out.Write(text);
        return true;
    }
}
