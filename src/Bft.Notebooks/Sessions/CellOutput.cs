using System.Text.Json.Nodes;

namespace Bft.Notebooks.Sessions;

/// <summary>Something a running cell shows.</summary>
public abstract record CellOutput;

/// <summary>Text written to a standard stream.</summary>
/// <param name="IsError">True for standard error.</param>
/// <param name="Text">The text as written; neighbours of the same stream belong together.</param>
public sealed record StreamOutput(bool IsError, string Text) : CellOutput;

/// <summary>A value shown with <c>display</c>.</summary>
/// <param name="Data">MIME type to content: a JSON string for text and base64, an object or array for JSON types.</param>
/// <param name="DisplayId">Identifies the output for later updates within the session.</param>
public sealed record DisplayOutput(IReadOnlyDictionary<string, JsonNode> Data, string DisplayId) : CellOutput;

/// <summary>New content for an earlier <see cref="DisplayOutput"/>, which it replaces.</summary>
/// <param name="Data">As in <see cref="DisplayOutput"/>.</param>
/// <param name="DisplayId">The output to replace.</param>
public sealed record UpdateOutput(IReadOnlyDictionary<string, JsonNode> Data, string DisplayId) : CellOutput;

/// <summary>The value of the cell's last expression.</summary>
/// <param name="Data">As in <see cref="DisplayOutput"/>.</param>
public sealed record ResultOutput(IReadOnlyDictionary<string, JsonNode> Data) : CellOutput;

/// <summary>The failure that ended the cell.</summary>
/// <param name="Error">What went wrong and where.</param>
public sealed record ErrorOutput(CellError Error) : CellOutput;

/// <summary>Wall time of a cell with <c>#!time</c>. Writers of files leave it out, so that runs give equal bytes.</summary>
/// <param name="Elapsed">Time from the start of the cell to its end.</param>
public sealed record TimeOutput(TimeSpan Elapsed) : CellOutput;

/// <summary>How far long work is, in one line, at growing distances of time; for readers who do not see the output that changes in place. Not part of what a file keeps.</summary>
/// <param name="Text">The line.</param>
public sealed record ProgressOutput(string Text) : CellOutput;
