using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Bft.Notebooks.Jupyter;

/// <summary>The cells of this session, for the history of a console.</summary>
internal sealed class InputHistory
{
    private readonly List<(int Number, string Code)> _inputs = [];

    public void Add(int number, string code) => _inputs.Add((number, code));

    /// <summary>Answers a <c>history_request</c> with entries [session, number, code].</summary>
    /// <exception cref="RejectedMessageException">The kind of access is unknown.</exception>
    public JsonObject Find(JsonObject content)
    {
        var count = RequestFields.Number(content, "n") ?? int.MaxValue;
        IEnumerable<(int Number, string Code)> found = RequestFields.Text(content, "hist_access_type") switch
        {
            "tail" => _inputs.TakeLast(count),
            "range" => Range(content),
            "search" => Search(content).TakeLast(count),
            var kind => throw new RejectedMessageException($"content.hist_access_type: expected tail, range or search, got '{kind}'."),
        };
        var withOutput = RequestFields.Flag(content, "output", absent: false);
        return new JsonObject
        {
            ["status"] = "ok",
            ["history"] = new JsonArray([.. found.Select(input =>
                (JsonNode)new JsonArray(0, input.Number, withOutput ? new JsonArray(input.Code, null) : input.Code))]),
        };
    }

    // Only this session is kept, so any session but 0 (the current one) is empty.
    private IEnumerable<(int Number, string Code)> Range(JsonObject content)
    {
        var (start, stop) = (RequestFields.Number(content, "start") ?? 1, RequestFields.Number(content, "stop") ?? int.MaxValue);
        return (RequestFields.Number(content, "session") ?? 0) == 0 ? _inputs.Where(input => input.Number >= start && input.Number < stop) : [];
    }

    private IEnumerable<(int Number, string Code)> Search(JsonObject content)
    {
        var wildcard = RequestFields.Text(content, "pattern") ?? "*";
        var pattern = new Regex("^" + Regex.Escape(wildcard).Replace(@"\*", ".*").Replace(@"\?", ".") + "$", RegexOptions.Singleline | RegexOptions.NonBacktracking);
        var found = _inputs.Where(input => pattern.IsMatch(input.Code));
        return RequestFields.Flag(content, "unique", absent: false)
            ? found.Reverse().DistinctBy(input => input.Code).Reverse()
            : found;
    }
}
