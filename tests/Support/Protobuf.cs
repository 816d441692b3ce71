using System.Buffers.Binary;
using System.Text;

namespace TodoFlow.Tests.Support;

/// <summary>A protobuf message without its schema (protobuf.dev/programming-guides/encoding): fields by their number.</summary>
public sealed class Protobuf
{
    private readonly List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    /// <summary>Reads a message.</summary>
    public static Protobuf Read(ReadOnlyMemory<byte> bytes)
    {
        var message = new Protobuf();
        while (!bytes.IsEmpty)
        {
            var key = Varint(ref bytes);
            var (number, content) = (0UL, ReadOnlyMemory<byte>.Empty);
            switch (key & 7)
            {
                case 0:
                    number = Varint(ref bytes);
                    break;
                case 1:
                    number = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span);
                    bytes = bytes[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref bytes);
                    (content, bytes) = (bytes[..length], bytes[length..]);
                    break;
                case 5:
                    number = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span);
                    bytes = bytes[4..];
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7} is not known.");
            }

            message._fields.Add(((int)(key >> 3), number, content));
        }

        return message;
    }

    /// <summary>Whether a field is there.</summary>
    public bool Has(int field) => _fields.Any(found => found.Field == field);

    /// <summary>The messages of a repeated field.</summary>
    public IEnumerable<Protobuf> Messages(int field) => _fields.Where(found => found.Field == field).Select(found => Read(found.Bytes));

    /// <summary>The message of a field; an empty one where it is missing.</summary>
    public Protobuf Message(int field) => Messages(field).FirstOrDefault() ?? new Protobuf();

    /// <summary>The text of a field; empty where it is missing.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field).Span);

    /// <summary>The bytes of a field in lower-case hex; empty where it is missing.</summary>
    public string Hex(int field) => Convert.ToHexStringLower(Bytes(field).Span);

    /// <summary>The number of a field; 0 where it is missing.</summary>
    public ulong Number(int field) => _fields.FirstOrDefault(found => found.Field == field).Number;

    /// <summary>The floating-point number of a field; 0 where it is missing.</summary>
    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    private ReadOnlyMemory<byte> Bytes(int field) => _fields.FirstOrDefault(found => found.Field == field).Bytes;

    private static ulong Varint(ref ReadOnlyMemory<byte> bytes)
    {
        var number = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes.Span[0];
            bytes = bytes[1..];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
    }
}
