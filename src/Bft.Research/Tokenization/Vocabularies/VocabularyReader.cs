namespace Bft.Research.Tokenization.Vocabularies;

/// <summary>Reads the <c>model</c> of a tokenizer file.</summary>
internal static class VocabularyReader
{
    public static ITokenVocabulary Read(TokenizerNode node, bool byteLevel) => node.OptionalText("type") switch
    {
        "BPE" => BytePair(node, byteLevel),
        "WordPiece" => WordPiece(node),
        "Unigram" => Unigram(node),
        null when node.Optional("merges") is not null => BytePair(node, byteLevel),
        null => throw new TokenizerException(node.File, "model.type", "BPE, WordPiece or Unigram", "nothing"),
        _ => throw node.Required("type").Wrong("BPE (byte-level), WordPiece or Unigram"),
    };

    private static BytePairVocabulary BytePair(TokenizerNode node, bool byteLevel)
    {
        if (!byteLevel)
            throw new TokenizerException(node.File, "pre_tokenizer", "a ByteLevel step: only byte-level BPE is supported", "none");
        foreach (var name in (string[])["unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
            if (node.OptionalText(name) is { Length: > 0 })
                throw node.Required(name).Wrong("nothing, as byte-level BPE has it");
        if (node.Flag("byte_fallback", false))
            throw node.Required("byte_fallback").Wrong("false, as byte-level BPE has it");
        if (node.Optional("dropout") is { } dropout && dropout.AsNumber() != 0)
            throw dropout.Wrong("no dropout");
        return BytePair(node.File, Ids(node.Required("vocab")), [.. node.Required("merges").Items().Select(Merge)], node.Flag("ignore_merges", false));
    }

    /// <summary>Makes the vocabulary; a merge that names an unknown token is an error of the file.</summary>
    public static BytePairVocabulary BytePair(string file, Dictionary<string, int> ids, IReadOnlyList<string> merges, bool wholePieces)
    {
        for (var i = 0; i < merges.Count; i++)
        {
            var gap = merges[i].IndexOf(' ');
            string left = merges[i][..gap], right = merges[i][(gap + 1)..];
            foreach (var token in (string[])[left, right, left + right])
                if (!ids.ContainsKey(token))
                    throw new TokenizerException(file, $"merges[{i}]", "tokens of the vocabulary", $"\"{merges[i]}\", where \"{token}\" is none");
        }

        return new(ids, merges, wholePieces);
    }

    private static WordPieceVocabulary WordPiece(TokenizerNode node)
    {
        var ids = Ids(node.Required("vocab"));
        var unknown = node.OptionalText("unk_token") ?? "[UNK]";
        if (!ids.ContainsKey(unknown))
            throw new TokenizerException(node.File, "model.unk_token", "a token of the vocabulary", $"\"{unknown}\"");
        return new(ids, unknown, node.OptionalText("continuing_subword_prefix") ?? "##", node.Integer("max_input_chars_per_word", 100));
    }

    private static UnigramVocabulary Unigram(TokenizerNode node)
    {
        if (node.Flag("byte_fallback", false))
            throw node.Required("byte_fallback").Wrong("false");
        var tokens = node.Required("vocab").Items().Select(Scored).ToList();
        var unknown = node.Integer("unk_id");
        return unknown >= 0 && unknown < tokens.Count ? new(tokens, unknown) : throw node.Required("unk_id").Wrong($"an id below {tokens.Count}");
    }

    /// <summary>A token with its score, as ["token", score].</summary>
    private static (string Token, double Score) Scored(TokenizerNode node)
    {
        TokenizerNode[] items = [.. node.Items()];
        return items.Length == 2 ? (items[0].AsText(), items[1].AsNumber()) : throw node.Wrong("[token, score]");
    }

    public static Dictionary<string, int> Ids(TokenizerNode node)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (token, id) in node.Members())
            ids[token] = id.AsInteger();
        return ids;
    }

    /// <summary>A merge is "left right" in old files and ["left", "right"] in new ones.</summary>
    private static string Merge(TokenizerNode node)
    {
        if (node.Value.ValueKind == System.Text.Json.JsonValueKind.Array && node.Value.GetArrayLength() == 2)
            return string.Join(' ', node.Items().Select(part => part.AsText()));
        var text = node.AsText();
        return text.Count(character => character == ' ') == 1 ? text : throw node.Wrong("two tokens with one space between them");
    }
}
