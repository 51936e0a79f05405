namespace Bft.Research.Tokenization;

/// <summary>The roles that <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c> give to tokens; null where a tokenizer has none.</summary>
public sealed record SpecialTokens
{
    /// <summary>Begins a text.</summary>
    public AddedToken? Begin { get; init; }

    /// <summary>Ends a text or a turn; generation stops at it.</summary>
    public AddedToken? End { get; init; }

    /// <summary>Fills up rows.</summary>
    public AddedToken? Pad { get; init; }

    /// <summary>Stands for what has no token.</summary>
    public AddedToken? Unknown { get; init; }

    /// <summary>BERT's classification token.</summary>
    public AddedToken? Classify { get; init; }

    /// <summary>BERT's separator.</summary>
    public AddedToken? Separate { get; init; }

    /// <summary>BERT's mask.</summary>
    public AddedToken? Mask { get; init; }

    /// <summary>Reads the roles beside a tokenizer; a later file wins over an earlier one.</summary>
    internal static SpecialTokens Read(string folder, Func<string, int?> idOf)
    {
        var roles = new Dictionary<string, AddedToken>();
        foreach (var name in (string[])["special_tokens_map.json", "tokenizer_config.json"])
        {
            var file = Path.Combine(folder, name);
            if (!File.Exists(file))
                continue;
            foreach (var (role, node) in TokenizerNode.Read(file).Members())
            {
                var content = node.Value.ValueKind switch
                {
                    System.Text.Json.JsonValueKind.String => node.AsText(),
                    System.Text.Json.JsonValueKind.Object => node.OptionalText("content"),
                    _ => null,
                };
                if (role.EndsWith("_token", StringComparison.Ordinal) && content is not null && idOf(content) is { } id)
                    roles[role] = new(content, id) { Special = true };
            }
        }

        return new()
        {
            Begin = roles.GetValueOrDefault("bos_token"),
            End = roles.GetValueOrDefault("eos_token"),
            Pad = roles.GetValueOrDefault("pad_token"),
            Unknown = roles.GetValueOrDefault("unk_token"),
            Classify = roles.GetValueOrDefault("cls_token"),
            Separate = roles.GetValueOrDefault("sep_token"),
            Mask = roles.GetValueOrDefault("mask_token"),
        };
    }
}
