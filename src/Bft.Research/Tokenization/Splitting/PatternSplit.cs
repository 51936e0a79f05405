using System.Text.RegularExpressions;

namespace Bft.Research.Tokenization.Splitting;

/// <summary>What happens to the text that a splitting pattern matches.</summary>
internal enum SplitBehavior
{
    /// <summary>Every match is a piece.</summary>
    Isolated,

    /// <summary>Matches are dropped.</summary>
    Removed,

    /// <summary>A match ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>A match begins the piece after it.</summary>
    MergedWithNext,

    /// <summary>Neighbouring matches are one piece.</summary>
    Contiguous,
}

/// <summary>Cuts at what a regular expression matches. Text between matches is kept.</summary>
internal sealed class PatternSplit(Regex pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    public void Split(Piece piece, List<Piece> into)
    {
        var text = CategoryProjection.Of(piece.Span);
        if (behavior == SplitBehavior.Isolated)
        {
            Isolate(piece, text, into);
            return;
        }

        var ranges = new List<(int Start, int End, bool Match)>();
        var at = 0;
        foreach (var match in pattern.EnumerateMatches(text.Text))
        {
            if (match.Index > at)
                ranges.Add((at, match.Index, invert));
            at = match.Index + match.Length;
            if (match.Length > 0)
                ranges.Add((match.Index, at, !invert));
        }

        if (at < text.Text.Length)
            ranges.Add((at, text.Text.Length, invert));
        foreach (var (start, end) in Arrange(ranges))
            into.Add(piece.Part(text.UnitOf(start), text.UnitOf(end) - text.UnitOf(start)));
    }

    private void Isolate(Piece piece, CategoryProjection text, List<Piece> into)
    {
        var at = 0;
        foreach (var match in pattern.EnumerateMatches(text.Text))
        {
            var start = text.UnitOf(match.Index);
            if (start > at)
                into.Add(piece.Part(at, start - at));
            at = text.UnitOf(match.Index + match.Length);
            if (at > start)
                into.Add(piece.Part(start, at - start));
        }

        if (at < piece.Length)
            into.Add(piece.Part(at, piece.Length - at));
    }

    private IEnumerable<(int Start, int End)> Arrange(List<(int Start, int End, bool Match)> ranges)
    {
        if (behavior == SplitBehavior.Removed)
            return ranges.Where(range => !range.Match).Select(range => (range.Start, range.End));
        var joined = new List<(int Start, int End)>();
        for (var i = 0; i < ranges.Count; i++)
        {
            var joins = i > 0 && behavior switch
            {
                SplitBehavior.Contiguous => ranges[i].Match == ranges[i - 1].Match,
                SplitBehavior.MergedWithPrevious => ranges[i].Match && !ranges[i - 1].Match,
                _ => ranges[i - 1].Match && !ranges[i].Match,
            };
            if (joins)
                joined[^1] = (joined[^1].Start, ranges[i].End);
            else
                joined.Add((ranges[i].Start, ranges[i].End));
        }

        return joined;
    }
}
