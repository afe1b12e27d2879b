/// A message of protocol buffers in its wire format, written field by field.
///
/// Source: protobuf.dev, "Encoding".
struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  private mutating func tag(_ field: Int, _ type: WireType) { varint(UInt64(field) << 3 | type.rawValue) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func littleEndian<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A whole number; one of zero is the default, and is written all the same.
  mutating func integer(_ field: Int, _ value: Int) {
    tag(field, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func double(_ field: Int, _ value: Double) {
    tag(field, .fixed64)
    littleEndian(value.bitPattern)
  }

  mutating func float(_ field: Int, _ value: Float) {
    tag(field, .fixed32)
    littleEndian(value.bitPattern)
  }

  mutating func data(_ field: Int, _ value: [UInt8]) {
    tag(field, .lengthDelimited)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func string(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

  mutating func message(_ field: Int, _ value: ProtocolBuffer) { data(field, value.bytes) }

  /// Numbers in a row, as one field.
  mutating func doubles(_ field: Int, _ values: [Double]) {
    var packed = ProtocolBuffer()
    for value in values { packed.littleEndian(value.bitPattern) }
    data(field, packed.bytes)
  }

  /// The fields of another message.
  mutating func append(_ other: ProtocolBuffer) { bytes += other.bytes }

  /// A message from what writes it.
  init(_ write: (inout ProtocolBuffer) -> Void = { _ in }) { write(&self) }
}
