namespace Bft.Tests;

/// <summary>What a test needs and this machine lacks.</summary>
internal static class Missing
{
    /// <summary>Skips the running test, or fails it when CI=true, where nothing may be missing.</summary>
    /// <param name="reason">What is needed, beginning with <c>needs</c>.</param>
    public static void Skip(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"CI: {reason}");
        Assert.Skip(reason);
    }
}
