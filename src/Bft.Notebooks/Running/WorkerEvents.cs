using System.Text;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Running;

/// <summary>The events of a worker process as it writes them: at once, so that what a cell showed is known when it ends the process.</summary>
/// <remarks>A cell that prints without end is told in larger pieces after its first <see cref="AtOnce"/> characters, and may lose the last <see cref="Piece"/>.</remarks>
internal sealed class WorkerEvents(TextWriter lines) : IProgress<CellProgress>
{
    private const int AtOnce = 1 << 16;
    private const int Piece = 1 << 12;
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private CellProgress? _cell;
    private bool _isError;
    private int _told;

    /// <inheritdoc/>
    public void Report(CellProgress value)
    {
        lock (_gate)
        {
            Flush();
            (_cell, _told) = (value, value.Note is null ? 0 : _told);
            Write(new() { Cell = value });
        }
    }

    /// <summary>The running cell shows something.</summary>
    public void Show(CellOutput output)
    {
        lock (_gate)
        {
            if (output is not StreamOutput stream)
            {
                Flush();
                Write(new() { Output = output });
                return;
            }

            if (stream.IsError != _isError)
                Flush();
            _isError = stream.IsError;
            _text.Append(stream.Text);
            if (_told < AtOnce || _text.Length >= Piece)
                Flush();
        }
    }

    /// <summary>The run has ended by itself.</summary>
    public void End(RunReport report)
    {
        lock (_gate)
        {
            Flush();
            _cell = null;
            Write(new() { Report = report });
        }
    }

    /// <summary>The running cell comes to this line.</summary>
    public void Reach(int line)
    {
        lock (_gate)
            if (_cell is { Elapsed: null })
                Write(new() { Line = line });
    }

    private void Flush()
    {
        if (_text.Length == 0)
            return;
        _told += _text.Length;
        Write(new() { Output = new StreamOutput(_isError, _text.ToString()) });
        _text.Clear();
    }

    private void Write(WorkerEvent told)
    {
        lines.WriteLine(told.ToLine());
        lines.Flush();
    }
}
