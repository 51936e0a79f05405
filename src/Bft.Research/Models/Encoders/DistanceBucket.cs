namespace Bft.Research.Models.Encoders;

/// <summary>MPNet's buckets of the distance between query and key: half for keys at later positions; in each half the first half exact, the rest logarithmic up to 128.</summary>
/// <remarks>Reference: <c>relative_position_bucket</c> of Transformers' MPNet (Raffel et al. 2020, T5, with both directions).</remarks>
internal static class DistanceBucket
{
    private const int Farthest = 128;

    /// <summary>[length · length] bucket of key k for query q at q · length + k.</summary>
    public static long[] Table(int length, int buckets)
    {
        var table = new long[length * length];
        for (var query = 0; query < length; query++)
            for (var key = 0; key < length; key++)
                table[query * length + key] = Of(key - query, buckets);
        return table;
    }

    private static long Of(int distance, int buckets)
    {
        int half = buckets / 2, exact = half / 2, away = Math.Abs(distance);
        var later = distance > 0 ? half : 0;
        if (away < exact)
            return later + away;
        // The reference takes these logarithms in float32; at the borders of buckets (powers of two) the two agree.
        var logarithmic = exact + (int)(MathF.Log(away / (float)exact) / (float)Math.Log(Farthest / (double)exact) * (half - exact));
        return later + Math.Min(logarithmic, half - 1);
    }
}
