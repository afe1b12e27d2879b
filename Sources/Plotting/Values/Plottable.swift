import DescentTensors

/// Numbers that a chart can draw: a number, an array of them, nested as deep as need be, or a `Tensor`.
///
/// NaN and infinite numbers are allowed: they leave gaps.
public protocol Plottable {
  /// The size along each axis, empty for a single number.
  ///
  /// - Throws: `TensorError` where nested arrays differ in size, or that a tensor carries.
  func plottedShape() throws -> [Int]

  /// Appends the numbers in row-major order.
  ///
  /// - Throws: What reading a tensor throws.
  func appendPlotted(to numbers: inout [Double]) throws
}

extension Double: Plottable {
  /// Empty: a single number.
  public func plottedShape() -> [Int] { [] }
  /// Appends the number.
  public func appendPlotted(to numbers: inout [Double]) { numbers.append(self) }
}

extension Float: Plottable {
  /// Empty: a single number.
  public func plottedShape() -> [Int] { [] }
  /// Appends the number.
  public func appendPlotted(to numbers: inout [Double]) { numbers.append(Double(self)) }
}

extension Int: Plottable {
  /// Empty: a single number.
  public func plottedShape() -> [Int] { [] }
  /// Appends the number.
  public func appendPlotted(to numbers: inout [Double]) { numbers.append(Double(self)) }
}

extension Array: Plottable where Element: Plottable {
  /// The number of elements, followed by the size of each.
  public func plottedShape() throws -> [Int] {
    guard let first else { return [0] }
    let inner = try first.plottedShape()
    // Single numbers cannot differ in size.
    if !(first is Double || first is Float || first is Int) {
      for (index, element) in enumerated() {
        let found = try element.plottedShape()
        guard found == inner else {
          throw TensorError(
            "Chart", "row 0 has the shape \(inner), row \(index) has \(found); rows of one size are needed")
        }
      }
    }
    return [count] + inner
  }

  /// Appends the elements in order.
  public func appendPlotted(to numbers: inout [Double]) throws {
    switch self {
    case let values as [Double]: numbers.append(contentsOf: values)
    case let values as [Float]: numbers.append(contentsOf: values.lazy.map(Double.init))
    case let values as [Int]: numbers.append(contentsOf: values.lazy.map(Double.init))
    default: for element in self { try element.appendPlotted(to: &numbers) }
    }
  }
}

extension Tensor: Plottable {
  /// The tensor's sizes.
  public func plottedShape() throws -> [Int] {
    if let error { throw error }
    return shape.sizes
  }

  /// Appends the elements, which are computed for it.
  public func appendPlotted(to numbers: inout [Double]) throws { numbers.append(contentsOf: try scalars()) }
}

/// Numbers as they were read.
struct Numbers: Sendable {
  let values: [Double]
  let shape: [Int]

  init(_ source: some Plottable) throws {
    shape = try source.plottedShape()
    var values: [Double] = []
    try source.appendPlotted(to: &values)
    self.values = values
  }

  /// Numbers in a row: those of a vector, or a single one.
  static func row(_ source: some Plottable, of mark: String, _ name: String) throws -> [Double] {
    let numbers = try Numbers(source)
    guard numbers.shape.count <= 1 else {
      throw TensorError(mark, "\(name) has the shape \(numbers.shape), where numbers in a row are drawn, such as [100]")
    }
    return numbers.values
  }
}
