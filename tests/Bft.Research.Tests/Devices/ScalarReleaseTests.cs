using System.Runtime.InteropServices;
using Bft.Research.Devices;

namespace Bft.Research.Tests.Devices;

public class ScalarReleaseTests
{
    [Fact]
    public void Numbers_arrive_while_another_thread_collects_garbage()
    {
        NativeLibraries.EnsureLoaded();
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() => Collect(stop.Token));
        collector.Start();
        try
        {
            using var x = torch.zeros(4, torch.ScalarType.Float64);
            using var y = torch.ones(4, torch.ScalarType.Float64);
            using var noGrad = torch.no_grad();
            for (var i = 1; i <= 40_000; i++) // as TorchSharp frees them, several of as many rounds failed or came out wrong
            {
                using var scope = torch.NewDisposeScope();
                x.fill_(i).mul_(0.5).add_(y).sub_(0.25);
                if (x[0].item<double>() is var value && value != 0.5 * i + 0.75)
                    Assert.Fail($"expected {0.5 * i + 0.75}, actual {value}");
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }

        Assert.True(ScalarRelease.Waiting > 0); // they wait; without the jump none would
    }

    [Fact]
    public void Only_the_known_function_is_replaced_and_only_once()
    {
        Assert.False(ScalarRelease.Defer(NativeLibrary.Load("libc.so.6")));
        NativeLibraries.EnsureLoaded();
        NativeLibrary.TryLoad("LibTorchSharp", typeof(torch).Assembly, null, out var wrapper);
        Assert.False(ScalarRelease.Defer(wrapper)); // it is a jump already
    }

    private static void Collect(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            for (var i = 0; i < 1000; i++)
                GC.KeepAlive(new byte[200]);
            GC.Collect(0);
        }
    }
}
