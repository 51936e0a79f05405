namespace Bft.Research.Data;

/// <summary>Names of the fields of a row, called as in LLaMA-Factory's <c>dataset_info.json</c>.</summary>
public sealed record RowColumns
{
    /// <summary>Alpaca: the prompt.</summary>
    public string Prompt { get; init; } = "instruction";

    /// <summary>Alpaca: what follows the prompt on a new line, when it is not empty.</summary>
    public string Query { get; init; } = "input";

    /// <summary>Alpaca: the response.</summary>
    public string Response { get; init; } = "output";

    /// <summary>Alpaca: earlier turns, a list of [prompt, response].</summary>
    public string History { get; init; } = "history";

    /// <summary>All forms: text of the system turn.</summary>
    public string System { get; init; } = "system";
}
