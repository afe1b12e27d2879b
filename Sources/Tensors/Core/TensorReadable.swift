/// What a tensor's elements can be read as: `Double`, `Float`, `Int`, `Bool`, and arrays of these, nested to the tensor's
/// rank. No other type can be read.
public protocol TensorReadable {}

/// A number of Swift's that elements can be read as: `Double`, `Float`, `Int` or `Bool`.
public protocol TensorReadableElement: TensorReadable {}

extension Double: TensorReadableElement {}
extension Float: TensorReadableElement {}
extension Int: TensorReadableElement {}
extension Bool: TensorReadableElement {}
extension Array: TensorReadable where Element: TensorReadable {}

/// How a `TensorReadable` is read, as a protocol of its own so that standard types get no further public members.
protocol ReadValue {
  /// The number within the arrays.
  associatedtype ReadElement: ReadNumber
  /// How deep the arrays nest.
  static var readRank: Int { get }
  /// Takes elements in row-major order, `sizes` along each axis.
  init(reading elements: ArraySlice<ReadElement>, sizes: ArraySlice<Int>)
}

/// How the elements of a tensor are read as numbers of Swift's.
protocol ReadNumber: ReadValue where ReadElement == Self {
  /// All elements of a tensor in row-major order.
  static func elements(of tensor: Tensor) throws -> [Self]
}

extension ReadNumber {
  static var readRank: Int { 0 }
  init(reading elements: ArraySlice<Self>, sizes: ArraySlice<Int>) { self = elements[elements.startIndex] }
}

extension Double: ReadNumber {
  static func elements(of tensor: Tensor) throws -> [Double] { try tensor.scalars() }
}

extension Float: ReadNumber {
  static func elements(of tensor: Tensor) throws -> [Float] { try tensor.floats() }
}

extension Int: ReadNumber {
  static func elements(of tensor: Tensor) throws -> [Int] { try tensor.integers() }
}

extension Bool: ReadNumber {
  static func elements(of tensor: Tensor) throws -> [Bool] { try tensor.booleans() }
}

extension Array: ReadValue where Element: ReadValue {
  typealias ReadElement = Element.ReadElement
  static var readRank: Int { 1 + Element.readRank }
  init(reading elements: ArraySlice<Element.ReadElement>, sizes: ArraySlice<Int>) {
    let count = sizes.first ?? 0
    let part = count > 0 ? elements.count / count : 0
    self = (0..<count).map { index in
      let start = elements.startIndex + index * part
      return Element(reading: elements[start..<start + part], sizes: sizes.dropFirst())
    }
  }
}
