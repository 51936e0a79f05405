using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>Rows of prompt, input and response, optionally with earlier turns.</summary>
internal sealed class AlpacaForm(RowOptions options) : RowForm(options)
{
    protected override string Name => "alpaca";

    protected override string TurnsField => Options.Columns.Prompt;

    protected override bool Fits(DataNode row) => row.Has(Options.Columns.Response);

    protected override void AddTurns(DataNode row, List<ConversationTurn> turns)
    {
        var columns = Options.Columns;
        foreach (var pair in row.Optional(columns.History)?.Items() ?? [])
        {
            DataNode[] sides = [.. pair.Items()];
            if (sides.Length != 2)
                throw new DataFileException(DataProblem.WrongType, row.Row, pair.Field, "[prompt, response]", $"{sides.Length} items");
            turns.Add(new(new("user", sides[0].Text()), sides[0].Field));
            turns.Add(new(new(ChatMessage.Assistant, sides[1].Text()), sides[1].Field));
        }

        string? prompt = row.OptionalText(columns.Prompt), query = row.OptionalText(columns.Query);
        if (prompt is null && query is null)
            _ = row.Required(columns.Prompt);
        string[] parts = [.. new[] { prompt, query }.Where(part => !string.IsNullOrEmpty(part)).Select(part => part!)];
        turns.Add(new(new("user", string.Join('\n', parts)), columns.Prompt));
        turns.Add(new(new(ChatMessage.Assistant, row.Required(columns.Response).Text()), columns.Response));
    }
}
