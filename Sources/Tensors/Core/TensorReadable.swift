/// What a tensor's elements can be read as: `Double`, `Float`, `Int`, `Bool`, and arrays of these, nested to the tensor's
/// rank.
public protocol TensorReadable {
  /// The number within the arrays.
  associatedtype ReadElement: TensorReadableElement
  /// How deep the arrays nest.
  static var readRank: Int { get }
  /// Takes elements in row-major order, `sizes` along each axis.
  init(reading elements: ArraySlice<ReadElement>, sizes: ArraySlice<Int>)
}

/// A number of Swift's that elements can be read as.
public protocol TensorReadableElement: TensorReadable where ReadElement == Self {
  /// All elements of a tensor in row-major order.
  static func elements(of tensor: Tensor) throws -> [Self]
}

extension TensorReadableElement {
  public static var readRank: Int { 0 }
  /// Takes the only element.
  public init(reading elements: ArraySlice<Self>, sizes: ArraySlice<Int>) { self = elements[elements.startIndex] }
}

extension Double: TensorReadableElement {
  public static func elements(of tensor: Tensor) throws -> [Double] { try tensor.scalars() }
}

extension Float: TensorReadableElement {
  public static func elements(of tensor: Tensor) throws -> [Float] { try tensor.floats() }
}

extension Int: TensorReadableElement {
  public static func elements(of tensor: Tensor) throws -> [Int] { try tensor.integers() }
}

extension Bool: TensorReadableElement {
  public static func elements(of tensor: Tensor) throws -> [Bool] { try tensor.booleans() }
}

extension Array: TensorReadable where Element: TensorReadable {
  public typealias ReadElement = Element.ReadElement
  public static var readRank: Int { 1 + Element.readRank }
  public init(reading elements: ArraySlice<Element.ReadElement>, sizes: ArraySlice<Int>) {
    let count = sizes.first ?? 0
    let part = count > 0 ? elements.count / count : 0
    self = (0..<count).map { index in
      let start = elements.startIndex + index * part
      return Element(reading: elements[start..<start + part], sizes: sizes.dropFirst())
    }
  }
}
