namespace Bft.Research.Tokenization.PostProcessing;

/// <summary>Reads the <c>post_processor</c> of a tokenizer file.</summary>
internal static class PostProcessorReader
{
    private static readonly TemplatePlace First = new(0, 0, [], []);

    public static IPostProcessor Read(TokenizerNode node) => node.Text("type") switch
    {
        "Sequence" => new PostProcessorSequence([.. node.Required("processors").Items().Select(Read)]),
        "ByteLevel" => ByteLevel(node),
        "TemplateProcessing" => Template(node),
        "BertProcessing" => Bert(Special(node.Required("cls")), Special(node.Required("sep"))),
        "RobertaProcessing" => Roberta(node),
        _ => throw node.Required("type").Wrong("Sequence, ByteLevel, TemplateProcessing, BertProcessing or RobertaProcessing"),
    };

    /// <summary>BERT's form: [CLS] A [SEP] B [SEP], the second text and what follows it in segment 1.</summary>
    public static TemplateProcessing Bert(TemplatePlace classify, TemplatePlace separate) => new(
        [classify, First, separate],
        [classify, First, separate, new(1, 1, [], []), separate with { Type = 1 }]);

    private static IPostProcessor ByteLevel(TokenizerNode node) =>
        node.Flag("trim_offsets", true) ? new OffsetTrim(node.Flag("add_prefix_space", true)) : new PostProcessorSequence([]);

    private static IPostProcessor Roberta(TokenizerNode node)
    {
        TemplatePlace begin = Special(node.Required("cls")), end = Special(node.Required("sep"));
        var template = new TemplateProcessing([begin, First, end], [begin, First, end, end, new(1, 0, [], []), end]);
        return node.Flag("trim_offsets", true) ? new PostProcessorSequence([new OffsetTrim(node.Flag("add_prefix_space", true)), template]) : template;
    }

    /// <summary>A special token as ["text", id].</summary>
    private static TemplatePlace Special(TokenizerNode node)
    {
        TokenizerNode[] items = [.. node.Items()];
        return items.Length == 2 ? new(null, 0, [items[1].AsInteger()], [items[0].AsText()]) : throw node.Wrong("[token, id]");
    }

    private static TemplateProcessing Template(TokenizerNode node)
    {
        var special = node.Optional("special_tokens")?.Members().ToDictionary(
            member => member.Name,
            member => (
                Ids: member.Node.Required("ids").Items().Select(id => id.AsInteger()).ToArray(),
                Tokens: member.Node.Required("tokens").Items().Select(token => token.AsText()).ToArray())) ?? [];
        return new([.. node.Required("single").Items().Select(Place)], [.. node.Required("pair").Items().Select(Place)]);

        TemplatePlace Place(TokenizerNode place)
        {
            if (place.Optional("Sequence") is { } text)
                return new(text.Text("id") == "A" ? 0 : 1, text.Integer("type_id"), [], []);
            var token = place.Required("SpecialToken");
            return special.TryGetValue(token.Text("id"), out var found)
                ? new(null, token.Integer("type_id"), found.Ids, found.Tokens)
                : throw token.Required("id").Wrong("one of special_tokens");
        }
    }
}
