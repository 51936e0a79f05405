namespace Bft.Research.Data;

/// <summary>How a row spells a conversation.</summary>
public enum ConversationForm
{
    /// <summary>The form that the first row has; a row that has two is an error.</summary>
    Detect,

    /// <summary><c>{"instruction", "input", "output"}</c>, optionally <c>history</c> as pairs of prompt and response.</summary>
    Alpaca,

    /// <summary><c>{"conversations": [{"from", "value"}]}</c>, roles <c>human</c>, <c>gpt</c>, <c>function_call</c>, <c>observation</c>, <c>system</c>.</summary>
    ShareGpt,

    /// <summary><c>{"messages": [{"role", "content"}]}</c>, roles <c>user</c>, <c>assistant</c> (with <c>tool_calls</c>), <c>tool</c>, <c>system</c>.</summary>
    Messages,
}

/// <summary>Reads conversations from a JSON Lines file or a JSON array, one at a time.</summary>
/// <remarks>
/// The forms of LLaMA-Factory with its names of columns. Differs: a row out of order is an error (there a warning), white space alone counts as empty, a turn may say with
/// <c>train</c> or <c>weight</c> whether it is taught, <c>reasoning_content</c> becomes a span of reasoning, and images, videos and sounds are refused.
/// </remarks>
public static class ConversationReader
{
    /// <summary>Reads conversations in the order of the file.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="options">Form, columns and policies; null for the defaults.</param>
    /// <param name="report">Receives counts while rows are read, when given.</param>
    /// <exception cref="DataFileException">A row is refused by policy, or no row can be used.</exception>
    public static IEnumerable<Conversation> Read(string file, RowOptions? options = null, DataReport? report = null)
    {
        options ??= new();
        report ??= new();
        var found = false;
        RowForm? form = null;
        Dictionary<string, string> lines = []; // of ids
        foreach (var row in JsonRows.Read(file))
        {
            Conversation conversation;
            try
            {
                if (row.Problem is not null)
                    throw row.Problem;
                var node = new DataNode(row.Name, "", row.Value);
                form ??= RowForm.Of(node, options);
                conversation = form.Read(node);
                if (conversation.Id is { } id && !lines.TryAdd(id, row.Name[(row.Name.LastIndexOf(':') + 1)..]) && !report.Judge(new(DataProblem.DuplicateId, row.Name, options.Columns.Id, "an id of its own", $"\"{id}\", as in line {lines[id]}"), options.Policies))
                    continue;
            }
            catch (DataFileException bad) when (options.Policies.For(bad.Problem) == RowPolicy.Skip)
            {
                report.Judge(bad, options.Policies);
                continue;
            }

            report.Read++;
            found = true;
            yield return conversation;
        }

        if (!found)
            throw new DataFileException(DataProblem.EmptyFile, $"{file}:1", "file", "at least one usable row", report.ToString());
    }
}
