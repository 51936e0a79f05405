namespace Bft.Research.Training;

/// <summary>Tells from the recent pace how long the rest of a run takes. Time between steps (evaluations, checkpoints) counts, so it is wall time.</summary>
internal sealed class StepClock(TimeProvider time)
{
    private const int Recent = 64;
    private readonly Queue<long> _marks = new([time.GetTimestamp()]);

    /// <summary>Notes that a step has ended.</summary>
    /// <param name="stepsLeft">Steps still to come.</param>
    /// <returns>Seconds they will take if they go as the last ones did.</returns>
    public double SecondsLeft(int stepsLeft)
    {
        var now = time.GetTimestamp();
        var perStep = time.GetElapsedTime(_marks.Peek(), now).TotalSeconds / _marks.Count;
        _marks.Enqueue(now);
        if (_marks.Count > Recent)
            _marks.Dequeue();
        return perStep * stepsLeft;
    }
}
