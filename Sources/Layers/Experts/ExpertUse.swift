import DescentGraph
import DescentTensors

/// How the rows of a pass were spread over the experts of a mixture.
public struct ExpertUse: Sendable, Hashable, Codable {
  /// The sum of the weights that each expert had.
  public let importance: [Double]
  /// The number of rows that each expert had; while training with noise, the smooth estimate of it.
  public let load: [Double]

  /// The use by the figures of each expert.
  public init(importance: [Double], load: [Double]) { (self.importance, self.load) = (importance, load) }

  /// The coefficient of variation of the importance: its standard deviation, divided by its mean.
  public var importanceVariation: Double { Self.variation(importance) }
  /// The coefficient of variation of the load.
  public var loadVariation: Double { Self.variation(load) }
  /// The largest load, divided by the mean: 1 where all experts have the same.
  public var largestLoad: Double {
    let sum = load.reduce(0, +)
    return sum > 0 ? (load.max() ?? 0) * Double(load.count) / sum : 0
  }

  /// The use over several passes of one mixture.
  public static func + (one: ExpertUse, other: ExpertUse) -> ExpertUse {
    ExpertUse(
      importance: zip(one.importance, other.importance).map { $0 + $1 }, load: zip(one.load, other.load).map { $0 + $1 }
    )
  }

  private static func variation(_ numbers: [Double]) -> Double {
    guard !numbers.isEmpty else { return 0 }
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    guard mean > 0 else { return 0 }
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
    return variance.squareRoot() / mean
  }

  /// What mixtures tell while a pass runs.
  fileprivate final class Collector: Sendable {
    @TaskLocal static var active: Collector?
    let found = Guarded<[(importance: Tensor, load: Tensor)]>([])
  }

  /// Tells whoever asks how rows are spread.
  static func note(importance: Tensor, load: Tensor) {
    Collector.active?.found.withLock { $0.append((importance, load)) }
  }
}

/// How the rows of a pass are spread over experts: a value for each time that a mixture of experts is asked, in order.
///
/// ```swift
/// let use = try expertUse { model(tokens) }
/// print(use[0].largestLoad)
/// ```
///
/// - Parameter pass: Uses a model that has values.
/// - Throws: what the pass throws, and `TensorError` that its result carries, or where a mixture stands in a loop.
public func expertUse(_ pass: () throws -> Tensor) throws -> [ExpertUse] {
  let collector = ExpertUse.Collector()
  let result = try ExpertUse.Collector.$active.withValue(collector, operation: pass)
  if let error = result.error { throw error }
  let found = collector.found.withLock { $0 }
  try evaluate(found.flatMap { [$0.importance, $0.load] })
  return try found.map { ExpertUse(importance: try $0.importance.scalars(), load: try $0.load.scalars()) }
}
