namespace Bft.Research.Tests.Training;

/// <summary>A clock that moves when it is told to, or by a fixed time at every look.</summary>
internal sealed class HandClock(TimeSpan perLook = default) : TimeProvider
{
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(double seconds) => _now += TimeSpan.FromSeconds(seconds);

    public override long GetTimestamp()
    {
        _now += perLook;
        return _now.Ticks;
    }

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero) + _now;
}
