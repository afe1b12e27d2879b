import DescentGraph

/// Files of named tensors in the safetensors format, as Hugging Face defines it: the length of a header (8 bytes,
/// little-endian), the header (JSON that gives each tensor its element type, shape and place), and the elements.
///
/// Source: https://huggingface.co/docs/safetensors.
public enum Safetensors {
  /// The most bytes that a header may have, as in the format's own implementation.
  static let headerLimit = 100_000_000
  /// The header's entry that is not a tensor.
  static let metadataName = "__metadata__"

  /// Where a tensor lies in a file.
  struct Entry {
    var name: String
    /// The tensor's type; of one whose dtype is not known here, that of its bytes.
    var type: TensorType
    /// The dtype, where it is not known here.
    var unknownType: String?
    /// The places of its bytes, counted from the end of the header.
    var bytes: Range<Int>
  }

  static func name(of type: ElementType) -> String {
    switch type {
    case .float32: "F32"
    case .float64: "F64"
    case .bfloat16: "BF16"
    case .float16: "F16"
    case .int8: "I8"
    case .int16: "I16"
    case .int32: "I32"
    case .int64: "I64"
    case .uint8: "U8"
    case .uint16: "U16"
    case .uint32: "U32"
    case .uint64: "U64"
    case .bool: "BOOL"
    }
  }

  static func elementType(named name: String) -> ElementType? {
    ElementType.allCases.first { self.name(of: $0) == name }
  }
}
