using System.Text.Json;
using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>One way of spelling conversations, settled for a file: how to find the turns of a row.</summary>
internal abstract class RowForm(RowOptions options)
{
    private static readonly string[] s_notText = ["images", "videos", "audios"];

    protected RowOptions Options { get; } = options;

    /// <summary>The form in words, for errors.</summary>
    protected abstract string Name { get; }

    /// <summary>Name of the field in which errors about the order of turns are.</summary>
    protected abstract string TurnsField { get; }

    /// <summary>The form of a row, by the options or by its fields.</summary>
    /// <exception cref="DataFileException">It has none or several.</exception>
    public static RowForm Of(DataNode row, RowOptions options)
    {
        if (row.Value.ValueKind != JsonValueKind.Object)
            throw row.Wrong("an object");
        var columns = options.Columns;
        string[] lists = columns.Messages is { } own ? [own] : options.Form switch
        {
            ConversationForm.ShareGpt => ["conversations"],
            ConversationForm.Messages => ["messages"],
            ConversationForm.Alpaca => [],
            _ => ["messages", "conversations"],
        };
        if (options.Form is ConversationForm.Alpaca)
            return new AlpacaForm(options);
        if (options.Form is ConversationForm.ShareGpt or ConversationForm.Messages)
            return TurnsForm.Of(row, lists[0], options);
        var alpaca = row.Has(columns.Response) && (row.Has(columns.Prompt) || row.Has(columns.Query));
        string[] there = [.. lists.Where(row.Has), .. alpaca ? [$"{columns.Prompt} with {columns.Response}"] : Array.Empty<string>()];
        if (there.Length > 1)
            throw new DataFileException(DataProblem.WrongForm, row.Row, "row", "one form of conversation", $"{string.Join(" and ", there)} (say which as the form)");
        if (there.Length == 1 && !alpaca)
            return TurnsForm.Of(row, there[0], options);
        return alpaca || row.Has(columns.Prompt) || row.Has(columns.Response)
            ? new AlpacaForm(options)
            : throw new DataFileException(DataProblem.MissingField, row.Row, "row", $"{string.Join(" or ", lists)}, or {columns.Prompt} and {columns.Response}", $"fields: {row.Names()}");
    }

    /// <summary>The conversation of a row, checked.</summary>
    /// <exception cref="DataFileException">It is not of this form, or its turns are out of order or empty.</exception>
    public Conversation Read(DataNode row)
    {
        if (row.Value.ValueKind != JsonValueKind.Object)
            throw row.Wrong("an object");
        RequireForm(row);
        foreach (var name in s_notText)
            if (row.Optional(name) is { IsFilledList: true })
                throw new DataFileException(DataProblem.NotText, row.Row, name, "text alone", "a list that is not empty");
        List<ConversationTurn> turns = [];
        if (row.OptionalText(Options.Columns.System) is { Length: > 0 } system)
            turns.Add(new(new("system", system), Options.Columns.System));
        AddTurns(row, turns);
        return new Conversation([.. turns.Select(turn => turn.Message)], row.Row)
        {
            Fields = [.. turns.Select(turn => turn.Field)],
            Taught = turns.Any(turn => turn.Taught is not null) ? [.. turns.Select(turn => turn.Taught)] : null,
            Tools = row.Optional(Options.Columns.Tools) is { } tools ? ToolCalls.Tools(tools) : null,
            Id = row.Optional(Options.Columns.Id) is { Value.ValueKind: JsonValueKind.String or JsonValueKind.Number } id ? id.Value.ToString() : null,
        }.Checked(TurnsField);
    }

    /// <summary>Whether a row has what this form needs.</summary>
    protected abstract bool Fits(DataNode row);

    /// <summary>Adds the turns of a row behind its system turn.</summary>
    protected abstract void AddTurns(DataNode row, List<ConversationTurn> turns);

    /// <summary>Says so when a row has another form than the rows before it, which would else be a puzzling missing field.</summary>
    private void RequireForm(DataNode row)
    {
        if (Options.Form != ConversationForm.Detect || Fits(row))
            return;
        RowForm other;
        try
        {
            other = Of(row, Options);
        }
        catch (DataFileException)
        {
            return;
        }

        if (other.Name != Name)
            throw new DataFileException(DataProblem.WrongForm, row.Row, "row", $"the form of the first row ({Name})", other.Name);
    }
}

/// <summary>A turn as it is read.</summary>
/// <param name="Message">The turn.</param>
/// <param name="Field">Where its text stands.</param>
/// <param name="Taught">Whether it is taught, or null when the row does not say.</param>
internal sealed record ConversationTurn(ChatMessage Message, string Field, bool? Taught = null);
