namespace Bft;

/// <summary>The name that a reader probably meant. Compiled into each library that needs it, because those share no reference.</summary>
internal static class NearestName
{
    /// <summary>The candidate with the fewest insertions, deletions and substitutions of letters, case aside; the first of equals; null when there is none.</summary>
    public static string? Of(string name, IEnumerable<string> candidates) =>
        candidates.MinBy(candidate => Edits(name.ToUpperInvariant(), candidate.ToUpperInvariant()));

    private static int Edits(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
