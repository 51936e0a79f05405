using Bft.Notebooks.Engine;

namespace Bft.Notebooks.Sessions;

/// <summary>Starts sessions.</summary>
public static class NotebookSession
{
    /// <summary>Starts a session with C# ready; F# starts with its first use (two to three seconds), or beside C# where it is the default language.</summary>
    /// <exception cref="ArgumentException">The options are wrong; the message lists every problem.</exception>
    public static async Task<INotebookSession> StartAsync(SessionOptions options, CancellationToken cancellationToken)
    {
        var problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        var session = new InteractiveSession(options);
        await session.PrepareAsync(cancellationToken).ConfigureAwait(false);
        return session;
    }
}
