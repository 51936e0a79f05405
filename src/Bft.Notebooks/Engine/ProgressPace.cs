namespace Bft.Notebooks.Engine;

/// <summary>When a bar is drawn, and how fast the work goes.</summary>
internal sealed class ProgressPace(TimeProvider time)
{
    private const int Window = 32;
    private const double NextTelling = 1.5;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_laterInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_later = TimeSpan.FromMinutes(1);
    private readonly long _start = time.GetTimestamp();
    private readonly Queue<(TimeSpan At, long Done)> _drawn = [];
    private (TimeSpan At, long Done) _last;
    private TimeSpan _tellAt = TimeSpan.FromSeconds(10);

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Work a second over the last drawings; null until it can be told.</summary>
    public double? Rate =>
        _drawn.TryPeek(out var first) && _last.At > first.At && _last.Done > first.Done ? (_last.Done - first.Done) / (_last.At - first.At).TotalSeconds : null;

    /// <summary>True when the bar is to be drawn now; the drawing is remembered.</summary>
    /// <param name="done">What is done by now.</param>
    /// <param name="isLast">All is done: drawn at once.</param>
    public bool IsDue(long done, bool isLast)
    {
        var now = Now;
        if (_drawn.Count > 0 && !isLast && now - _last.At < (now < s_later ? s_interval : s_laterInterval))
            return false;
        if (done < _last.Done)
            _drawn.Clear(); // begun anew
        _last = (now, done);
        _drawn.Enqueue(_last);
        if (_drawn.Count > Window)
            _drawn.Dequeue();
        return true;
    }

    /// <summary>True at growing distances, for readers to whom every line remains.</summary>
    public bool IsTimeToTell()
    {
        if (Now < _tellAt)
            return false;
        _tellAt = Now * NextTelling;
        return true;
    }

    /// <summary>Time until all is done; null when it cannot be told.</summary>
    public TimeSpan? Left(long done, long total) =>
        total > done && Rate is { } rate && (total - done) / rate is var seconds && seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : null;
}
