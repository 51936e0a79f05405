using Bft.Research.Tokenization;
using Bft.Tests;

namespace Bft.Research.Tests.Tokenization;

/// <summary>Text of tokens that arrive one by one: whole characters only, and together the decoding of all.</summary>
public sealed class TokenTextStreamTests
{
    private const string Text = "Naïve γ-globulin 🧬🧬 rises; 中文 test.  Two blanks,\n\ttabs, Ελληνικά 👩🏽‍🔬 and don't.";

    [Fact]
    public void Pieces_are_whole_characters_and_together_the_text()
    {
        var tokenizer = HfTokenizer.Load(Path.Combine(Checkout.Root, "notebooks", "mini", "model"));
        AgreesWithDecode(tokenizer, Text);
        // the wrong variant decodes token by token and breaks characters
        Assert.Contains('\uFFFD', string.Concat(tokenizer.Encode(Text).Ids.Select(id => tokenizer.Decode([id]))));
    }

    [Fact]
    public void So_it_is_for_real_tokenizers()
    {
        var folder = SharedFolder.Require("data", "tokenizers");
        string[] found = [.. Directory.EnumerateFiles(folder, "tokenizer.json", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!)];
        Assert.NotEmpty(found);
        foreach (var one in found)
            AgreesWithDecode(HfTokenizer.Load(one), Text);
    }

    [Fact]
    public void Bytes_that_never_become_a_character_come_at_the_end()
    {
        var tokenizer = HfTokenizer.Load(Path.Combine(Checkout.Root, "notebooks", "mini", "model"));
        int[] ids = tokenizer.Encode("a🧬").Ids;
        var stream = new TokenTextStream(tokenizer);
        Assert.Equal("a", string.Concat(ids[..^1].Select(stream.Add)));
        Assert.Contains('\uFFFD', stream.Finish());
        Assert.Equal("", stream.Finish());
    }

    private static void AgreesWithDecode(HfTokenizer tokenizer, string text)
    {
        int[] ids = tokenizer.Encode(text, addSpecialTokens: false).Ids;
        var stream = new TokenTextStream(tokenizer);
        var pieces = ids.Select(stream.Add).ToList();
        pieces.Add(stream.Finish());
        var whole = tokenizer.Decode(ids, skipSpecialTokens: true);
        Assert.Equal(whole, string.Concat(pieces));
        if (!whole.Contains('\uFFFD'))
            Assert.All(pieces, piece => Assert.DoesNotContain('\uFFFD', piece));
    }
}
