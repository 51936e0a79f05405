namespace Bft.Research.Tokenization.Normalizing;

/// <summary>The Unicode normalisation forms NFC, NFD, NFKC and NFKD (Unicode Standard Annex 15), with alignment.</summary>
/// <param name="compatible">Also apply compatibility decompositions (the K forms).</param>
/// <param name="compose">Recompose (the C forms).</param>
/// <remarks>
/// Alignment follows the Hugging Face library: every output character carries a count of how many input characters it consumed, and takes the place of the
/// first of them; what a decomposition adds shares the place of the character before it. So é written as two characters is aligned with the letter alone.
/// </remarks>
internal sealed class UnicodeForm(bool compatible, bool compose) : ITextNormalizer
{
    /// <summary>A code point and how the number of characters changes at it: 0 replaces one, 1 is new, −k replaces one and swallows k more.</summary>
    private record struct Step(int Rune, int Change);

    public AlignedText Normalize(AlignedText text)
    {
        if (IsUnchanged(text.Text))
            return text;
        var source = text.Runes();
        var steps = Decompose(source);
        if (compose)
            steps = Compose(steps);
        return AlignedText.Of(Align(steps, source));
    }

    private bool IsUnchanged(string text)
    {
        foreach (var unit in text)
            if (unit >= 0x80 && (char.IsSurrogate(unit) || !compose || compatible || !UnicodeTable.IsStable(unit)))
                return false;
        return true;
    }

    private List<Step> Decompose(List<AlignedRune> source)
    {
        var steps = new List<Step>(source.Count);
        var parts = new List<int>();
        foreach (var rune in source)
        {
            parts.Clear();
            Expand(rune.Value, parts);
            for (var i = 0; i < parts.Count; i++)
                Insert(steps, new(parts[i], i == 0 ? 0 : 1));
        }

        return steps;
    }

    private void Expand(int rune, List<int> into)
    {
        if (UnicodeTable.Decompose(rune, compatible) is not { } parts)
        {
            into.Add(rune);
            return;
        }

        foreach (var part in parts)
            Expand(part, into);
    }

    /// <summary>Appends in canonical order: a mark moves before marks of a higher combining class.</summary>
    private static void Insert(List<Step> steps, Step step)
    {
        var order = UnicodeTable.Class(step.Rune);
        var at = steps.Count;
        if (order != 0)
            while (at > 0 && UnicodeTable.Class(steps[at - 1].Rune) > order)
                at--;
        steps.Insert(at, step);
    }

    private static List<Step> Compose(List<Step> steps)
    {
        var composed = new List<Step>(steps.Count);
        int starter = -1, lastClass = 0;
        foreach (var step in steps)
        {
            var order = UnicodeTable.Class(step.Rune);
            var adjacent = starter == composed.Count - 1;
            if (starter >= 0 && (adjacent || (lastClass < order && lastClass != 0)) && UnicodeTable.Compose(composed[starter].Rune, step.Rune) is { } composite)
            {
                composed[starter] = new(composite, composed[starter].Change + step.Change - 1);
                continue;
            }

            composed.Add(step);
            lastClass = order;
            if (order == 0)
                starter = composed.Count - 1;
        }

        return composed;
    }

    private static List<AlignedRune> Align(List<Step> steps, List<AlignedRune> source)
    {
        var aligned = new List<AlignedRune>(steps.Count);
        var next = 0;
        foreach (var step in steps)
        {
            var from = source[Math.Clamp(step.Change > 0 ? next - 1 : next, 0, source.Count - 1)];
            aligned.Add(new(step.Rune, from.Start, from.End));
            if (step.Change <= 0)
                next += 1 - step.Change;
        }

        return aligned;
    }
}
