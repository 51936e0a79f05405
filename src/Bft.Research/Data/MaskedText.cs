using Bft.Research.Tokenization;

namespace Bft.Research.Data;

/// <summary>A row as the text that the model sees, with what is taught of it, before it is cut to length.</summary>
/// <param name="Text">The text.</param>
/// <param name="Ids">[T] token ids.</param>
/// <param name="Offsets">[T] code points of the text that each token covers.</param>
/// <param name="Turns">[T] number of the response that a taught token belongs to, −1 on tokens that are not taught.</param>
/// <param name="Responses">The responses of which something is taught.</param>
/// <param name="Remarks">What is the matter with the row.</param>
internal sealed record MaskedText(
    string Text, int[] Ids, TokenOffset[] Offsets, int[] Turns, IReadOnlyList<TaughtResponse> Responses, List<DataFileException> Remarks);

/// <summary>A response of which something is taught.</summary>
/// <param name="First">Its first token.</param>
/// <param name="Last">Its last token.</param>
/// <param name="End">The token that ends it, or −1 when there is none.</param>
internal sealed record TaughtResponse(int First, int Last, int End);
