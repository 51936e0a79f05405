using System.Text.RegularExpressions;

namespace Bft.Notebooks.Running;

/// <summary>Texts that look like keys of a service. Found by their shape alone, so a key of an unknown shape is not found.</summary>
internal static partial class SecretPatterns
{
    private const int Shown = 6;

    /// <summary>What kind of key the text holds, with its first letters; null when it holds none.</summary>
    public static string? Find(string text)
    {
        foreach (var (kind, pattern) in s_kinds)
            if (pattern.Match(text) is { Success: true } match)
                return $"{kind}, '{match.Groups["key"].Value[..Math.Min(Shown, match.Groups["key"].Length)]}…'";
        return null;
    }

    private static readonly (string Kind, Regex Pattern)[] s_kinds =
    [
        ("a Hugging Face token", HuggingFace()),
        ("a GitHub token", GitHub()),
        ("a GitLab token", GitLab()),
        ("a key of a model service", ModelService()),
        ("a key of Google", Google()),
        ("a key of Amazon", Amazon()),
        ("a key of Azure storage", Azure()),
        ("a Slack token", Slack()),
        ("a package registry's key", Registry()),
        ("a private key", PrivateKey()),
        ("a JSON web token", WebToken()),
        ("a bearer token", Bearer()),
        ("a password or key in a literal", Literal()),
    ];

    [GeneratedRegex(@"(?<![\w-])(?<key>hf_[A-Za-z0-9]{30,})")]
    private static partial Regex HuggingFace();

    [GeneratedRegex(@"(?<![\w-])(?<key>gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})")]
    private static partial Regex GitHub();

    [GeneratedRegex(@"(?<![\w-])(?<key>glpat-[\w-]{20,})")]
    private static partial Regex GitLab();

    [GeneratedRegex(@"(?<![\w-])(?<key>sk-(?:[a-z]+-)*[A-Za-z0-9_]{20,})")]
    private static partial Regex ModelService();

    [GeneratedRegex(@"(?<![\w-])(?<key>AIza[\w-]{35})")]
    private static partial Regex Google();

    [GeneratedRegex(@"(?<![\w+/])(?<key>(?:AKIA|ASIA)[A-Z0-9]{16})(?!\w)")]
    private static partial Regex Amazon();

    [GeneratedRegex(@"AccountKey=(?<key>[A-Za-z0-9+/]{40,}={0,2})")]
    private static partial Regex Azure();

    [GeneratedRegex(@"(?<![\w-])(?<key>xox[abeoprs]-[A-Za-z0-9-]{10,})")]
    private static partial Regex Slack();

    [GeneratedRegex(@"(?<![\w-])(?<key>npm_[A-Za-z0-9]{36}|oy2[a-z0-9]{43}|pypi-[\w-]{50,})(?!\w)")]
    private static partial Regex Registry();

    [GeneratedRegex("(?<key>-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----)")]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"(?<![\w-])(?<key>eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})")]
    private static partial Regex WebToken();

    [GeneratedRegex(@"\bBearer\s+(?<key>[A-Za-z0-9._~+/-]{20,})")]
    private static partial Regex Bearer();

    // letters and digits mixed, so that a word or a place holder is none
    [GeneratedRegex("""(?i)\b(?:api_?key|secret(?:_?key)?|client_?secret|passw(?:or)?d|(?:access|auth)_?token)\s*[:=]\s*["'](?=[^"']*\d)(?=[^"']*[a-z])(?<key>[^"'\s<>{}$]{10,})["']""")]
    private static partial Regex Literal();
}
