using System.Globalization;
using System.Text.RegularExpressions;

namespace Bft.Cli;

/// <summary>Times as a user types them.</summary>
internal static partial class DurationText
{
    /// <summary>Seconds (<c>90</c>, <c>1.5</c>), or numbers with units (<c>90s</c>, <c>5m</c>, <c>1h30m</c>); null stays null.</summary>
    /// <param name="option">Named in the error.</param>
    /// <param name="text">What was typed.</param>
    /// <exception cref="ArgumentException">It is no time above zero.</exception>
    public static TimeSpan? Parse(string option, string? text)
    {
        if (text is null)
            return null;
        var match = Time().Match(text);
        var seconds = match.Success ? Part(match, "h") * 3600 + Part(match, "m") * 60 + Part(match, "s") + Part(match, "plain") : 0;
        return seconds > 0 && seconds < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new ArgumentException($"{option} {text}: expected a time above zero, for example 90, 5m or 1h30m.");
    }

    private static double Part(Match match, string unit) => match.Groups[unit] is { Success: true } group ? double.Parse(group.Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(?:(?<plain>\d+(?:\.\d+)?)|(?:(?<h>\d+(?:\.\d+)?)h)?(?:(?<m>\d+(?:\.\d+)?)m)?(?:(?<s>\d+(?:\.\d+)?)s)?)$")]
    private static partial Regex Time();
}
