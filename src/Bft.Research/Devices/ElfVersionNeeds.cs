using System.Buffers.Binary;
using System.Text;

namespace Bft.Research.Devices;

/// <summary>Edits the symbol-version requirements of a 64-bit little-endian ELF shared object held in memory.</summary>
/// <remarks>
/// The linux-x64 native of TorchSharp 0.107.0 asks libstdc++ for version <c>GLIBCXX_3.4.32</c> on account of one symbol that no relocation uses.
/// The dynamic loader skips a version requirement that is marked weak, so the file then loads where libstdc++ is older (Debian 12, Ubuntu 22.04).
/// Layout: System V ABI, section type <c>SHT_GNU_verneed</c>, structures <c>Elf64_Verneed</c> and <c>Elf64_Vernaux</c>.
/// </remarks>
internal static class ElfVersionNeeds
{
    private const int VersionNeedSection = 0x6ffffffe;
    private const int WeakFlag = 2;

    /// <summary>Marks every requirement of <paramref name="version"/> as weak, in place.</summary>
    /// <returns>The number of requirements that were changed; 0 when the file does not ask for the version or asks weakly already.</returns>
    public static int Relax(Span<byte> elf, string version)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F' || elf[4] != 2)
            throw new InvalidDataException("Not a 64-bit ELF file.");

        var changed = 0;
        var sections = (int)Int64(elf, 0x28);
        int sectionSize = Int16(elf, 0x3a), sectionCount = Int16(elf, 0x3c);
        for (var i = 0; i < sectionCount; i++)
        {
            var section = sections + i * sectionSize;
            if (Int32(elf, section + 4) != VersionNeedSection)
                continue;

            var strings = (int)Int64(elf, sections + Int32(elf, section + 40) * sectionSize + 24);
            for (var need = (int)Int64(elf, section + 24); ; need += Int32(elf, need + 12))
            {
                var entry = need + Int32(elf, need + 8);
                for (var left = Int16(elf, need + 2); left > 0; left--, entry += Int32(elf, entry + 12))
                {
                    if (StringAt(elf, strings + Int32(elf, entry + 8)) != version || (elf[entry + 4] & WeakFlag) != 0)
                        continue;
                    elf[entry + 4] |= WeakFlag;
                    changed++;
                }

                if (Int32(elf, need + 12) == 0)
                    break;
            }
        }

        return changed;
    }

    private static long Int64(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadInt64LittleEndian(b[at..]);

    private static int Int32(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadInt32LittleEndian(b[at..]);

    private static int Int16(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt16LittleEndian(b[at..]);

    private static string StringAt(ReadOnlySpan<byte> b, int at)
    {
        var rest = b[at..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
