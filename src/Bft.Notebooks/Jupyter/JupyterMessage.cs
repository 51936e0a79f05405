using System.Text.Json.Nodes;

namespace Bft.Notebooks.Jupyter;

/// <summary>A message that was signed with the right key and has the form of the protocol.</summary>
/// <param name="Identities">Routing frames; a reply carries them back.</param>
/// <param name="RawHeader">The header as it came; answers and outputs carry it as parent header.</param>
/// <param name="Type">What is asked, such as <c>execute_request</c>.</param>
/// <param name="Content">The arguments.</param>
internal sealed record JupyterMessage(IReadOnlyList<byte[]> Identities, byte[] RawHeader, string Type, JsonObject Content)
{
    /// <summary>When the front end wrote it, by its own clock; null when it does not say.</summary>
    public DateTimeOffset? Date { get; init; }
}

/// <summary>A message is not answered as it stands: malformed, unsigned, signed with another key, or with wrong arguments.</summary>
internal sealed class RejectedMessageException(string message) : Exception(message);
