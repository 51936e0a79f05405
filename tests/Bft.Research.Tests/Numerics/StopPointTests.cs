using Bft.Research.Numerics;

namespace Bft.Research.Tests;

/// <summary>Both ways to end a loop that passes stop points.</summary>
public class StopPointTests
{
    [Fact]
    public void A_cancelled_token_ends_the_loop()
    {
        StopPoint.Pass(CancellationToken.None);
        Assert.Throws<OperationCanceledException>(() => StopPoint.Pass(new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // a loop without stop points goes on
    public void An_interrupted_thread_ends_at_its_next_stop_point(bool passes)
    {
        var (ended, go) = (false, true);
        using var begun = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            try
            {
                begun.Set();
                while (Volatile.Read(ref go))
                    if (passes)
                        StopPoint.Pass(CancellationToken.None);
            }
            catch (ThreadInterruptedException)
            {
                ended = true;
            }
        });
        thread.Start();
        begun.Wait();
        thread.Interrupt();
        Assert.Equal(passes, thread.Join(passes ? 10_000 : 100));
        Volatile.Write(ref go, false);
        thread.Join();
        Assert.Equal(passes, ended);
    }
}
