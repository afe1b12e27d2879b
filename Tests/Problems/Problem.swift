import DescentTensors

/// A sum of squares of Moré, Garbow and Hillstrom, "Testing unconstrained optimization software", 1981.
public struct Problem: Sendable, CustomStringConvertible {
  /// The paper's number.
  public let number: Int
  /// The paper's name, and the number of unknowns where the paper leaves it open.
  public let name: String
  /// The standard start.
  public let start: [Double]
  /// The least values: the global one and, where the paper or its followers name some, local ones.
  public let minima: [Double]
  /// The residuals, `[m]`.
  public let residuals: @Sendable (Tensor) -> Tensor

  init(
    number: Int, name: String, start: [Double], minima: [Double], residuals: @escaping @Sendable (Tensor) -> Tensor
  ) {
    self.number = number
    self.name = name
    self.start = start
    self.minima = minima
    self.residuals = residuals
  }

  /// Number and name.
  public var description: String { "\(number) \(name)" }

  /// The standard start as a Float64 vector.
  public var startPoint: Tensor { Tensor(start, shape: [start.count], .float64) }

  /// The sum of squares.
  @Sendable public func value(_ x: Tensor) -> Tensor { square(residuals(x)).sum() }

  /// Whether a value is one of the minima to eight digits; of a minimum at zero, to 1e-10.
  public func isSolved(by value: Double) -> Bool {
    minima.contains { abs(value - $0) <= ($0 == 0 ? 1e-10 : 1e-8 * abs($0)) }
  }

  /// Residuals that are written one by one.
  static func rows(_ rows: [Tensor]) -> Tensor { stacked(rows) }

  static func constants(_ values: [Double]) -> Tensor { Tensor(values, shape: [values.count], .float64) }

  static func constants(_ rows: [[Double]]) -> Tensor { Tensor(rows, .float64) }

  /// All problems, in the paper's order.
  public static let all: [Problem] = ofFewUnknowns + ofSeveralUnknowns + ofAnyNumber
}
