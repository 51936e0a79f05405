using System.Text.Json;

namespace Bft.Research.Tokenization;

/// <summary>Finds the chat templates and special tokens in the files of a model folder.</summary>
internal static class ChatTemplateFiles
{
    private const string TemplateFile = "chat_template.jinja";
    private const string ConfigFile = "tokenizer_config.json";
    private static readonly string[] s_roles = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token", "additional_special_tokens"];

    /// <summary>Whether a folder has a template.</summary>
    public static bool Has(string folder) => File.Exists(Path.Combine(folder, TemplateFile)) || Config(folder)?.Optional("chat_template") is not null;

    public static (List<(string Name, string Template)> Templates, List<KeyValuePair<string, object?>> SpecialTokens) Read(string folder)
    {
        var root = Config(folder);
        var single = Path.Combine(folder, TemplateFile);
        var templates = File.Exists(single) ? [("default", File.ReadAllText(single))] : root?.Optional("chat_template") is { } node ? Templates(node) : [];
        var more = Path.Combine(folder, "additional_chat_templates");
        if (Directory.Exists(more))
            templates.AddRange(Directory.GetFiles(more, "*.jinja").Order(StringComparer.Ordinal).Select(file => (Path.GetFileNameWithoutExtension(file), File.ReadAllText(file))));
        if (templates.Count == 0)
            throw new TokenizerException(folder, "chat_template", $"{TemplateFile}, or chat_template in {ConfigFile}", "neither");
        return (templates, SpecialTokens(folder, root));
    }

    private static TokenizerNode? Config(string folder) => Path.Combine(folder, ConfigFile) is var config && File.Exists(config) ? TokenizerNode.Read(config) : null;

    private static List<(string Name, string Template)> Templates(TokenizerNode node) => node.Value.ValueKind == JsonValueKind.Array
        ? [.. node.Items().Select(item => (item.Text("name"), item.Text("template")))]
        : [("default", node.AsText())];

    private static List<KeyValuePair<string, object?>> SpecialTokens(string folder, TokenizerNode? config)
    {
        var map = Path.Combine(folder, "special_tokens_map.json");
        TokenizerNode? others = File.Exists(map) ? TokenizerNode.Read(map) : null;
        var tokens = new List<KeyValuePair<string, object?>>();
        foreach (var role in s_roles)
            if ((config?.Optional(role) ?? others?.Optional(role)) is { } node)
                tokens.Add(new(role, Token(node)));
        return tokens;
    }

    private static object? Token(TokenizerNode node) => node.Value.ValueKind switch
    {
        JsonValueKind.Object => node.Text("content"),
        JsonValueKind.Array => new PyList([.. node.Items().Select(Token)]),
        _ => node.AsText(),
    };
}
