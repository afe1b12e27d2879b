import DescentGraph
import DescentTensors

/// An array in the IDX format of the MNIST files: an element type, up to eight dimensions, and the elements.
///
/// A file begins with two zero bytes, a type byte and the number of dimensions; then come the dimensions as unsigned
/// 32-bit numbers and the elements in row-major order, all big-endian. Here the elements are in the machine's order.
///
/// See LeCun, Cortes, Burges, *The MNIST database of handwritten digits*.
public struct IDX: Sendable, Hashable {
  /// What an element is; the raw value is the type byte of the file.
  public enum ElementType: UInt8, Sendable, CaseIterable {
    /// Unsigned 8-bit integers.
    case uint8 = 0x08
    /// Signed 8-bit integers.
    case int8 = 0x09
    /// Signed 16-bit integers.
    case int16 = 0x0B
    /// Signed 32-bit integers.
    case int32 = 0x0C
    /// IEEE 754 single precision.
    case float32 = 0x0D
    /// IEEE 754 double precision.
    case float64 = 0x0E

    /// The size of an element in bytes.
    public var byteCount: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }
  }

  /// The most dimensions an array may have.
  public static let highestRank = 8

  /// What an element is.
  public let elementType: ElementType

  /// The dimensions, outermost first; an array without dimensions is one element.
  public let shape: [Int]

  /// The elements in row-major order, each in the machine's byte order.
  public let bytes: [UInt8]

  /// The number of elements: the product of the dimensions.
  public var count: Int { bytes.count / elementType.byteCount }

  /// An array whose parts are known to agree.
  init(unchecked elementType: ElementType, shape: [Int], bytes: [UInt8]) {
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  /// An array of `elements`, in row-major order.
  ///
  /// - Throws: `TensorError` where the shape has more than eight dimensions, one that is negative or beyond 32 bits,
  ///   or does not multiply to the number of elements.
  public init<Element: IDXElement>(_ elements: [Element], shape: [Int]) throws {
    func fault(_ text: String) -> TensorError { TensorError("IDX", text) }
    guard let elementType = ElementType(of: Element.self) else { throw fault("holds no elements of \(Element.self)") }
    let byteCount = try Self.byteCount(of: shape, elementType: elementType, fault: fault)
    let bytes = elements.withUnsafeBytes { [UInt8]($0) }
    guard bytes.count == byteCount else {
      throw fault("the shape \(shape) needs \(byteCount / elementType.byteCount) elements, found \(elements.count)")
    }
    self.init(unchecked: elementType, shape: shape, bytes: bytes)
  }

  /// The elements as an array of the type the file holds, or nil where it holds another one.
  public func elements<Element: IDXElement>(as type: Element.Type = Element.self) -> [Element]? {
    guard ElementType(of: type) == elementType else { return nil }
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      initialized = count
    }
  }

  /// The size of the elements in bytes, or a fault where the shape is none that IDX can write.
  static func byteCount(
    of shape: [Int], elementType: ElementType, fault: (String) -> any DescentError
  ) throws -> Int {
    guard shape.count <= highestRank else {
      throw fault("claims \(shape.count) dimensions, at most \(highestRank) are read")
    }
    if let size = shape.first(where: { $0 < 0 || $0 > UInt32.max }) {
      throw fault("has a dimension of \(size), outside 0...\(UInt32.max)")
    }
    var byteCount = elementType.byteCount
    // A zero anywhere makes the array empty, also where the other dimensions alone would overflow.
    for size in shape.contains(0) ? [0] : shape {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: size)
      guard !overflow else { throw fault("claims the shape \(shape), more bytes than a machine can address") }
      byteCount = product
    }
    return byteCount
  }
}

/// A number that an IDX file can hold: `UInt8`, `Int8`, `Int16`, `Int32`, `Float` or `Double`.
public protocol IDXElement: BitwiseCopyable, Sendable {}

extension UInt8: IDXElement {}
extension Int8: IDXElement {}
extension Int16: IDXElement {}
extension Int32: IDXElement {}
extension Float: IDXElement {}
extension Double: IDXElement {}

extension IDX.ElementType {
  /// The type byte that stands for a type of Swift, `nil` where there is none.
  init?<Element: IDXElement>(of type: Element.Type) {
    switch type {
    case is UInt8.Type: self = .uint8
    case is Int8.Type: self = .int8
    case is Int16.Type: self = .int16
    case is Int32.Type: self = .int32
    case is Float.Type: self = .float32
    case is Double.Type: self = .float64
    default: return nil
    }
  }
}
