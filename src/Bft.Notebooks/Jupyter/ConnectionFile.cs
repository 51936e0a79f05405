using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bft.Notebooks.Jupyter;

/// <summary>A connection file cannot be used; the message lists every problem with its field.</summary>
public sealed class ConnectionFileException(string message) : Exception(message);

/// <summary>Where the kernel listens and the key that front ends sign with.</summary>
internal sealed record ConnectionFile(string Address, int Shell, int Control, int IoPub, int Stdin, int Heartbeat, string Key)
{
    private const string Scheme = "hmac-sha256";

    /// <summary>Reads the file that a front end has written for this kernel.</summary>
    /// <exception cref="ConnectionFileException">A field is missing or wrong, the address is not of this machine, or there is no key.</exception>
    public static ConnectionFile Read(string path) => Parse(File.ReadAllText(path), path);

    /// <summary>As <see cref="Read"/>; <paramref name="name"/> stands for the file in messages.</summary>
    public static ConnectionFile Parse(string json, string name)
    {
        var problems = new List<string>();
        JsonObject fields;
        try
        {
            fields = JsonNode.Parse(json) as JsonObject ?? throw new JsonException("it is not an object.");
        }
        catch (JsonException e)
        {
            throw new ConnectionFileException($"{name}: expected a JSON object: {e.Message}");
        }

        Expect("transport", "tcp", "tcp");
        Expect("signature_scheme", Scheme, Scheme);
        var ip = RequestFields.Text(fields, "ip");
        var address = ip == "localhost" ? "127.0.0.1" : ip;
        if (!IPAddress.TryParse(address, out var parsed) || !IPAddress.IsLoopback(parsed) || parsed.AddressFamily != AddressFamily.InterNetwork)
            problems.Add($"ip: expected a loopback address (127.0.0.1), because cells run whatever they are sent; got '{ip}'.");
        var key = RequestFields.Text(fields, "key");
        if (string.IsNullOrEmpty(key))
            problems.Add("key: expected a secret; unsigned messages are not accepted.");
        var file = new ConnectionFile(
            address ?? "", Port("shell_port"), Port("control_port"), Port("iopub_port"), Port("stdin_port"), Port("hb_port"), key ?? "");
        return problems.Count == 0 ? file : throw new ConnectionFileException($"{name}: {string.Join(' ', problems)}");

        void Expect(string field, string expected, string absent)
        {
            if ((RequestFields.Text(fields, field) ?? absent) is var actual && actual != expected)
                problems.Add($"{field}: expected '{expected}', got '{actual}'.");
        }

        int Port(string field)
        {
            var port = RequestFields.Number(fields, field);
            if (port is not (> 0 and <= 65535))
                problems.Add($"{field}: expected a port from 1 to 65535, got '{fields[field]?.ToJsonString() ?? "nothing"}'.");
            return port ?? 0;
        }
    }

    /// <summary>The address of one channel in the notation of ZeroMQ.</summary>
    public string Endpoint(int port) => $"tcp://{Address}:{port}";
}
