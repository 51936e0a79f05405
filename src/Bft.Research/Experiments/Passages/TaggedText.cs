using System.Text;
using Bft.Research.Uncertainty;

namespace Bft.Research.Experiments.Passages;

/// <summary>Token-and-tag files (IOB2, a token a line, blank line between sentences), written back as running text by rule.</summary>
/// <remarks>
/// No blank before <c>. , ; : ) ] % ? ! '</c> and <c>'s</c>, none after <c>( [</c>, none around <c>-</c> and <c>/</c>. Eight sentences make a passage.
/// The original spacing is lost in these files, so tokens near punctuation may differ from natural text.
/// </remarks>
internal static class TaggedText
{
    private const int SentencesOfAPassage = 8;
    private static readonly HashSet<string> s_noBlankBefore = [".", ",", ";", ":", ")", "]", "%", "?", "!", "'", "'s", "-", "/"];
    private static readonly HashSet<string> s_noBlankAfter = ["(", "[", "-", "/"];

    public static IEnumerable<SourceText> Read(string path)
    {
        var passage = new Builder();
        var (sentences, number, line) = (0, 0, 0);
        foreach (var row in File.ReadLines(path).Append(""))
        {
            line++;
            if (row.StartsWith("-DOCSTART-", StringComparison.Ordinal))
                continue;
            if (row.Length > 0)
            {
                var cells = row.Split('\t');
                if (cells.Length < 2)
                    throw new InvalidDataException($"{path}:{line}: expected token and tag between tabs, actual '{row}'.");
                passage.Add(cells[0], cells[^1]);
                continue;
            }

            if (passage.EndSentence() && ++sentences % SentencesOfAPassage == 0)
            {
                yield return passage.Build($"s{number++:00000}");
                passage = new();
            }
        }

        if (sentences % SentencesOfAPassage != 0)
            yield return passage.Build($"s{number:00000}");
    }

    private sealed class Builder
    {
        private readonly StringBuilder _text = new();
        private readonly List<TextSpan> _entities = [];
        private int _length, _open = -1, _tokens;
        private string _last = "";

        public void Add(string token, string tag)
        {
            if (!tag.StartsWith('I'))
                Close();
            if (_length > 0 && !(_tokens > 0 && (s_noBlankBefore.Contains(token) || s_noBlankAfter.Contains(_last))))
                Append(" ");
            if (tag.StartsWith('B') || (tag.StartsWith('I') && _open < 0))
                _open = _length;
            Append(token);
            (_last, _tokens) = (token, _tokens + 1);
        }

        public bool EndSentence()
        {
            Close();
            var any = _tokens > 0;
            (_tokens, _last) = (0, "");
            return any;
        }

        public SourceText Build(string id) => new(id, _text.ToString(), _entities);

        private void Append(string piece)
        {
            _text.Append(piece);
            _length += piece.EnumerateRunes().Count();
        }

        private void Close()
        {
            if (_open >= 0)
                _entities.Add(new(_open, _length));
            _open = -1;
        }
    }
}
