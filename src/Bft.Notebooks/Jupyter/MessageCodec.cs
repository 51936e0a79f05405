using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Notebooks.Jupyter;

/// <summary>Frames of the wire to messages and back, signed with HMAC-SHA256 (Jupyter messaging protocol 5.3).</summary>
internal sealed class MessageCodec(string key, TimeProvider clock)
{
    /// <summary>Version of the protocol.</summary>
    public const string Version = "5.3";

    private const int SignedParts = 4; // header, parent header, metadata, content
    private static readonly byte[] s_delimiter = "<IDS|MSG>"u8.ToArray();
    private static readonly byte[] s_empty = "{}"u8.ToArray();
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonDocumentOptions s_document = new() { AllowDuplicateProperties = false };
    private static readonly JsonSerializerOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly SeenSignatures _seen = new();
    private readonly string _session = Guid.NewGuid().ToString();

    /// <summary>Checks and reads a message.</summary>
    /// <exception cref="RejectedMessageException">The message is malformed or its signature is wrong; nothing of an unsigned message is read.</exception>
    public JupyterMessage Decode(IReadOnlyList<byte[]> frames)
    {
        var delimiter = 0;
        while (delimiter < frames.Count && !frames[delimiter].AsSpan().SequenceEqual(s_delimiter))
            delimiter++;
        if (frames.Count < delimiter + 2 + SignedParts)
            throw new RejectedMessageException($"{frames.Count} frames are not identities, delimiter, signature and four parts.");
        var parts = frames.Skip(delimiter + 2).Take(SignedParts).ToArray();
        if (!IsSignature(frames[delimiter + 1], parts))
            throw new RejectedMessageException("The signature is wrong.");
        if (!_seen.Add(frames[delimiter + 1]))
            throw new RejectedMessageException("The message has come before.");
        var header = Read(parts[0], "header");
        Read(parts[1], "parent header");
        Read(parts[2], "metadata");
        var type = RequestFields.Text(header, "msg_type");
        if (string.IsNullOrEmpty(type) || string.IsNullOrEmpty(RequestFields.Text(header, "msg_id")))
            throw new RejectedMessageException("The header has no msg_type or no msg_id.");
        return new JupyterMessage([.. frames.Take(delimiter)], parts[0], type, Read(parts[3], "content"))
        {
            Date = DateTimeOffset.TryParse(RequestFields.Text(header, "date"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null,
        };
    }

    /// <summary>Writes and signs a message; <paramref name="parent"/> is the raw header of the request that it belongs to, null for none.</summary>
    public List<byte[]> Encode(IEnumerable<byte[]> routing, string type, byte[]? parent, JsonObject content)
    {
        var header = new JsonObject
        {
            ["msg_id"] = Guid.NewGuid().ToString(),
            ["msg_type"] = type,
            ["session"] = _session,
            ["username"] = "kernel",
            ["date"] = clock.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["version"] = Version,
        };
        byte[][] parts = [Write(header), parent ?? s_empty, s_empty, Write(content)];
        return [.. routing, s_delimiter, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Sign(parts))), .. parts];
    }

    private static byte[] Write(JsonObject value) => JsonSerializer.SerializeToUtf8Bytes(value, s_writing);

    private static JsonObject Read(byte[] part, string name)
    {
        try
        {
            return JsonNode.Parse(s_strict.GetString(part), null, s_document) as JsonObject
                ?? throw new RejectedMessageException($"The {name} is not a JSON object.");
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            throw new RejectedMessageException($"The {name} is not JSON: {e.Message}");
        }
    }

    private bool IsSignature(byte[] frame, byte[][] parts)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return frame.Length == 2 * given.Length
            && Convert.FromHexString(Encoding.ASCII.GetString(frame), given, out _, out _) == OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(given, Sign(parts));
    }

    private byte[] Sign(byte[][] parts)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (var part in parts)
            hash.AppendData(part);
        return hash.GetHashAndReset();
    }
}
