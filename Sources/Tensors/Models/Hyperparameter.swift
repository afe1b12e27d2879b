import DescentGraph

/// A number that a method is set by, such as a learning rate or a decay rate.
///
/// It is written as a number, `Adam(beta1: 0.9)`, compared and coded as one. In a compiled step it is an input of the
/// plan, so that another value compiles nothing; and it may be a tensor, so that `vectorized` trains with several values
/// at once. Zero is the exception: it stands for what is left out, and is part of what a plan is compiled for.
public struct Hyperparameter: Sendable {
  private enum Content: Sendable {
    case number(Double)
    case tensor(Tensor)
  }

  private let content: Content

  /// A number.
  public init(_ value: Double) { content = .number(value) }

  /// A scalar that is computed, such as one of several values that `vectorized` maps over.
  public init(_ tensor: Tensor) { content = .tensor(tensor) }

  /// The number; `nil` where it is a tensor whose value is not known yet.
  public var value: Double? {
    switch content {
    case .number(let value): value
    case .tensor(let tensor): tensor.isSymbolic ? nil : try? tensor.item()
    }
  }

  /// The number where it was given as one, which no reading of a tensor is needed for.
  package var literal: Double? {
    if case .number(let value) = content { return value }
    return nil
  }

  /// The number as a Float64 scalar.
  public var tensor: Tensor { self.in(.float64) }

  /// The number as a scalar of an element type.
  public func `in`(_ elementType: ElementType) -> Tensor {
    switch content {
    case .number(let value): Tensor(repeating: value, shape: [], elementType)
    case .tensor(let tensor): tensor.converted(to: elementType)
    }
  }

  /// One less the number as a scalar of an element type, subtracted in Float64: close to 1 the difference of Float32
  /// numbers has few digits.
  public func complement(in elementType: ElementType) -> Tensor {
    switch content {
    case .number(let value): Tensor(repeating: 1 - value, shape: [], elementType)
    case .tensor(let tensor): (1.0 - tensor.converted(to: .float64)).converted(to: elementType)
    }
  }

  /// Whether it is the number zero, which stands for what is left out.
  public var isZero: Bool {
    if case .number(0) = content { return true }
    return false
  }

  /// What is wrong with the number where it is known and lies outside its range, as an error of the method named.
  public func fault(_ method: String, _ name: String, in range: Range<Double>) -> TensorError? {
    guard case .number(let value) = content, !range.contains(value) else { return nil }
    let upper = range.upperBound == .infinity ? "" : " and less than \(range.upperBound)"
    return TensorError(method, "its \(name) must be at least \(range.lowerBound)\(upper), found \(value)")
  }
}

extension Hyperparameter: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A number.
  public init(floatLiteral value: Double) { self.init(value) }
  /// A number.
  public init(integerLiteral value: Int) { self.init(Double(value)) }
}

extension Hyperparameter: Hashable, CustomStringConvertible {
  /// Whether both are the same number, or the same tensor.
  public static func == (a: Hyperparameter, b: Hyperparameter) -> Bool {
    switch (a.content, b.content) {
    case (.number(let x), .number(let y)): x == y
    case (.tensor(let x), .tensor(let y)): x.expression === y.expression
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch content {
    case .number(let value): hasher.combine(value)
    case .tensor(let tensor): hasher.combine(ObjectIdentifier(tensor.expression))
    }
  }

  /// The number; of a tensor its description.
  public var description: String {
    switch content {
    case .number(let value): "\(value)"
    case .tensor(let tensor): "\(tensor)"
    }
  }
}

extension Hyperparameter: Codable {
  /// Reads a number.
  public init(from decoder: any Decoder) throws {
    if let model = decoder as? ModelDecoder {
      if case .value(let value) = model.branch, let known = value as? Hyperparameter {
        self = known
      } else {
        let tensor = try model.leaf(Tensor.self)
        // A number that is known is one again, so that it can be compared and looked at.
        self = tensor.isSymbolic ? Hyperparameter(tensor) : Hyperparameter(try tensor.item())
      }
      return
    }
    self.init(try decoder.singleValueContainer().decode(Double.self))
  }

  /// Writes the number.
  ///
  /// - Throws: `TensorError` of a tensor whose value is not known.
  public func encode(to encoder: any Encoder) throws {
    if let model = encoder as? ModelEncoder { return try model.write(self) }
    var container = encoder.singleValueContainer()
    switch content {
    case .number(let value): try container.encode(value)
    case .tensor(let tensor): try container.encode(try tensor.item())
    }
  }
}
