namespace Bft.Research.Tokenization.PostProcessing;

/// <summary>One place of a template: a text (0 or 1), or special tokens.</summary>
/// <param name="Text">Number of the text, or null for special tokens.</param>
/// <param name="Type">Segment of its tokens.</param>
/// <param name="Ids">Ids of the special tokens.</param>
/// <param name="Tokens">Their vocabulary strings.</param>
internal sealed record TemplatePlace(int? Text, int Type, int[] Ids, string[] Tokens);

/// <summary>Puts texts and special tokens in a fixed order. Also serves BERT's and RoBERTa's fixed forms.</summary>
internal sealed class TemplateProcessing(IReadOnlyList<TemplatePlace> single, IReadOnlyList<TemplatePlace> pair) : IPostProcessor
{
    public int AddedTokens(bool isPair) => (isPair ? pair : single).Sum(place => place.Ids.Length);

    public IReadOnlyList<TokenEncoding> Process(IReadOnlyList<TokenEncoding> parts, bool addSpecialTokens)
    {
        var placed = new List<TokenEncoding>();
        foreach (var place in parts.Count > 1 ? pair : single)
            if (place.Text is { } text)
                placed.Add(parts[text].WithType(place.Type));
            else if (addSpecialTokens)
                placed.Add(Special(place));
        return placed;
    }

    private static TokenEncoding Special(TemplatePlace place)
    {
        int[] ones = new int[place.Ids.Length], types = new int[place.Ids.Length];
        Array.Fill(ones, 1);
        Array.Fill(types, place.Type);
        return new() { Ids = place.Ids, TypeIds = types, Tokens = place.Tokens, Offsets = new TokenOffset[ones.Length], SpecialTokensMask = ones, AttentionMask = ones };
    }
}
