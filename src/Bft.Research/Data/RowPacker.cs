namespace Bft.Research.Data;

/// <summary>Puts samples into rows of limited length.</summary>
internal static class RowPacker
{
    /// <summary>Best fit, longest first: each sample goes into the row that it fills best, else into a new one.</summary>
    /// <remarks>
    /// Rows used are at most 11/9 of the fewest possible , but for a constant (Johnson, 1974). Among samples of one length the earlier in <paramref name="order"/>
    /// goes first, among rows with the same room the one that has had it longest; nothing else decides.
    /// </remarks>
    /// <param name="lengths">[samples] tokens of each sample.</param>
    /// <param name="order">Numbers of the samples to place.</param>
    /// <param name="capacity">Most tokens of a row.</param>
    /// <returns>Numbers of the samples of each row, each row in the order of <paramref name="order"/>.</returns>
    /// <exception cref="InvalidDataException">A sample is longer than a row.</exception>
    public static int[][] BestFit(int[] lengths, int[] order, int capacity)
    {
        if (order.FirstOrDefault(sample => lengths[sample] > capacity, -1) is >= 0 and var tooLong)
            throw new InvalidDataException($"{nameof(RowOptions.PackLength)}: expected at least {lengths[tooLong]}, the tokens of sample {tooLong}, actual {capacity}.");
        List<List<int>> rows = [];
        var withRoom = new Queue<int>[capacity + 1];
        int[] byLength = [.. Enumerable.Range(0, order.Length).OrderByDescending(rank => lengths[order[rank]])]; // a stable sort
        foreach (var rank in byLength)
        {
            var length = lengths[order[rank]];
            var room = length;
            while (room <= capacity && withRoom[room] is not { Count: > 0 })
                room++;
            var row = room <= capacity ? withRoom[room].Dequeue() : rows.Count;
            if (row == rows.Count)
            {
                rows.Add([]);
                room = capacity;
            }

            rows[row].Add(rank);
            (withRoom[room - length] ??= new()).Enqueue(row);
        }

        return [.. rows.Select(row => row.Order().Select(rank => order[rank]).ToArray())];
    }
}
