namespace Bft.Research.Data;

/// <summary>What a token of a row is for.</summary>
public enum TokenPart
{
    /// <summary>Read, not taught.</summary>
    Context,

    /// <summary>Taught.</summary>
    Taught,

    /// <summary>Taught, and ends a turn.</summary>
    End,

    /// <summary>Part of a response of which something is taught, but not taught itself: reasoning, or an end that is not to be taught.</summary>
    LeftOut,

    /// <summary>Beyond the cutoff: the model never sees it.</summary>
    CutOff,
}

/// <summary>A token of a row.</summary>
/// <param name="Position">Its position, from 0.</param>
/// <param name="Id">Its id.</param>
/// <param name="Piece">The text that it adds; empty for the later bytes of a character that several tokens share.</param>
/// <param name="Part">What it is for.</param>
/// <param name="Turn">Number of the response that it is taught in, from 0; −1 when it is not taught.</param>
public sealed record TokenView(int Position, int Id, string Piece, TokenPart Part, int Turn);
