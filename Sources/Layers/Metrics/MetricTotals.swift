import DescentGraph
import DescentTensors

/// What a metric knows of the batches so far, on the host: exact sums, extremes, or all that was contributed.
///
/// Totals of parts of a set are merged, and written down by any encoder, such as with a checkpoint; totals that go on after
/// being read give the same value.
public struct MetricTotals: Codable, Hashable, Sendable {
  /// How what batches contribute is joined.
  public enum Joining: String, Codable, Hashable, Sendable, CaseIterable {
    /// The sum, in Float64.
    case sum
    /// All of it, batch after batch along the first axis: memory grows with the number of examples.
    case concatenation
    /// The largest.
    case maximum
    /// The smallest.
    case minimum
  }

  /// What was contributed by one of a metric's tensors.
  public struct Part: Codable, Hashable, Sendable {
    /// How batches are joined.
    public let joining: Joining
    /// The shape of the numbers; `nil` before the first batch.
    public private(set) var shape: Shape?
    /// The numbers, in row-major order.
    public private(set) var values: [Double] = []

    init(_ joining: Joining) { self.joining = joining }

    /// The first number; NaN where there is none.
    public var number: Double { values.first ?? .nan }
  }

  /// The parts, one for each tensor that a batch contributes.
  public private(set) var parts: [Part]

  /// Nothing yet.
  public init(_ joinings: [Joining]) { parts = joinings.map { Part($0) } }

  /// Whether nothing was added so far.
  public var isEmpty: Bool { parts.allSatisfy { $0.shape == nil } }

  /// Adds what a batch contributes.
  ///
  /// - Parameter contributions: As many tensors as there are parts.
  /// - Throws: `TensorError` that one of them carries, or where they do not fit what was added before; nothing has changed
  ///   then.
  public mutating func add(_ contributions: [Tensor]) throws {
    guard contributions.count == parts.count else {
      throw TensorError("metric", "\(contributions.count) contributions do not fit totals of \(parts.count) parts")
    }
    try evaluate(contributions)
    var other = self
    for (index, tensor) in contributions.enumerated() {
      try other.parts[index].add(try tensor.scalars(), tensor.shape)
    }
    self = other
  }

  /// Adds the totals of other batches, such as those of another process; they come after these.
  ///
  /// - Throws: `TensorError` where they are of another metric or another number of classes; nothing has changed then.
  public mutating func merge(_ other: MetricTotals) throws {
    guard other.parts.map(\.joining) == parts.map(\.joining) else {
      throw TensorError("metric", "totals of another metric cannot be merged into these")
    }
    var merged = self
    for (index, part) in other.parts.enumerated() {
      guard let shape = part.shape else { continue }
      try merged.parts[index].add(part.values, shape)
    }
    self = merged
  }
}

extension MetricTotals.Part {
  fileprivate mutating func add(_ numbers: [Double], _ shape: Shape) throws {
    guard let known = self.shape else {
      guard joining != .concatenation || shape.rank > 0 else {
        throw TensorError("metric", "a contribution that is concatenated needs an axis, found a scalar")
      }
      (self.shape, values) = (shape, numbers)
      return
    }
    let isFitting = joining == .concatenation ? known.dropFirst().elementsEqual(shape.dropFirst()) : known == shape
    guard isFitting, known.rank == shape.rank else {
      throw TensorError("metric", "a contribution of shape \(shape) does not fit those before, \(known)")
    }
    switch joining {
    case .sum: for index in values.indices { values[index] += numbers[index] }
    case .maximum: for index in values.indices { values[index] = Self.larger(values[index], numbers[index]) }
    case .minimum: for index in values.indices { values[index] = -Self.larger(-values[index], -numbers[index]) }
    case .concatenation:
      values += numbers
      self.shape = Shape([known[0] + shape[0]] + known.dropFirst())
    }
  }

  /// The larger of two numbers; NaN, which hides nothing, where one is NaN.
  private static func larger(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : max(a, b) }
}
