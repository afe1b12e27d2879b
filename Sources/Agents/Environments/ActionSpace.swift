import DescentGraph
import DescentTensors

/// The actions that an environment takes.
public enum ActionSpace: Hashable, Sendable, Codable {
  /// One of a number of actions, counted from 0: a scalar of type int32.
  case discrete(Int)
  /// Several choices at once, with the number of actions of each: a vector of type int32.
  case multiDiscrete([Int])
  /// Numbers within bounds, one pair of bounds per component: a vector.
  case box(low: [Double], high: [Double])
}

extension ActionSpace {
  /// The shape of one action.
  public var shape: Shape {
    switch self {
    case .discrete: []
    case .multiDiscrete(let counts): [counts.count]
    case .box(let low, _): [low.count]
    }
  }

  /// The type of an action's elements: int32 of choices, float32 of numbers.
  public var elementType: ElementType {
    if case .box = self { return .float32 }
    return .int32
  }

  /// Actions drawn uniformly from the space; along a side without a bound, normally distributed.
  ///
  /// - Parameters:
  ///   - key: The key of the random numbers.
  ///   - batch: The shape of the batch of actions; a single action where it is empty.
  /// - Returns: Actions, `batch` followed by the shape of one.
  public func sample(_ key: RandomKey, batch: Shape = []) -> Tensor {
    let whole = Shape(batch.sizes + shape.sizes)
    switch self {
    case .discrete(let count): return key.choices(whole, Tensor(Double(count)), most: count)
    case .multiDiscrete(let counts):
      return key.choices(whole, Tensor(counts.map(Double.init)), most: counts.max() ?? 1)
    case .box(let low, let high):
      let bounds = zip(low, high).map { Self.drawn(from: $0, to: $1) }
      let unit = key.split(0).uniform(whole)
      let within = unit * Tensor(bounds.map(\.spread)) + Tensor(bounds.map(\.first))
      guard bounds.contains(where: { !$0.isBounded }) else { return within }
      return `where`(
        Tensor(bounds.map(\.isBounded)), within, key.split(1).normal(whole).clamped(Tensor(low), Tensor(high)))
    }
  }

  private static func drawn(from low: Double, to high: Double) -> (first: Double, spread: Double, isBounded: Bool) {
    let isBounded = low.isFinite && high.isFinite
    return isBounded ? (low, high - low, true) : (0, 0, false)
  }

  /// What is wrong with the space, such as a number of actions that is not positive or bounds that are not in order, as an error of
  /// the environment named; `nil` where nothing is.
  public func fault(_ environment: String) -> TensorError? {
    switch self {
    case .discrete(let count):
      count >= 1
        ? nil : TensorError(environment, "its space of actions has \(count) actions, where at least 1 is needed")
    case .multiDiscrete(let counts):
      !counts.isEmpty && counts.allSatisfy { $0 >= 1 }
        ? nil
        : TensorError(
          environment, "its space of actions has choices of \(counts) actions, where at least 1 each is needed")
    case .box(let low, let high):
      !low.isEmpty && low.count == high.count && zip(low, high).allSatisfy { $0 <= $1 }
        ? nil : TensorError(environment, "the bounds of its actions, \(low) and \(high), are not pairs in order")
    }
  }

  /// What is wrong with actions for so many environments side by side, as an error of the environment named; `nil` where nothing is,
  /// or where the actions' values are not known because a function is being recorded.
  ///
  /// - Parameters:
  ///   - actions: The actions, `batch` followed by the shape of one.
  ///   - batch: The shape of the batch.
  ///   - environment: The environment that is to take the actions.
  /// - Throws: `TensorError` that the actions carry.
  public func fault(in actions: Tensor, batch: Shape = [], of environment: String) throws -> TensorError? {
    if let error = actions.error { throw error }
    let expected = Shape(batch.sizes + shape.sizes)
    guard actions.shape == expected else {
      return TensorError(environment, "takes actions of the shape \(expected), found \(actions.shape)")
    }
    switch self {
    case .discrete(let count): return try Self.fault(in: actions, [count], environment)
    case .multiDiscrete(let counts): return try Self.fault(in: actions, counts, environment)
    case .box(let low, let high):
      guard actions.elementType.isFloatingPoint else {
        return TensorError(environment, "takes actions of floating-point numbers, found \(actions.elementType)")
      }
      if actions.isSymbolic { return nil }
      for (place, value) in try actions.scalars().enumerated() {
        let component = place % low.count
        // A policy's bounds are rounded to Float32, and so are its actions.
        let range = Double(Float(low[component]))...Double(Float(high[component]))
        if !range.contains(value) {
          return TensorError(
            environment,
            "takes actions from \(low[component]) to \(high[component]) as component \(component), found \(value)")
        }
      }
      return nil
    }
  }

  private static func fault(in actions: Tensor, _ counts: [Int], _ environment: String) throws -> TensorError? {
    guard actions.elementType.isInteger else {
      return TensorError(environment, "takes integers as actions, found \(actions.elementType)")
    }
    if actions.isSymbolic { return nil }
    for (place, value) in try actions.integers().enumerated() where !(0..<counts[place % counts.count]).contains(value)
    {
      return TensorError(environment, "takes actions from 0 to \(counts[place % counts.count] - 1), found \(value)")
    }
    return nil
  }
}

extension RandomKey {
  /// Integers from 0 up to counts, as int32.
  ///
  /// A Float32 has 24 random bits: with few actions none is noticeably likelier than another, and 64 bits would take longer.
  fileprivate func choices(_ shape: Shape, _ counts: Tensor, most: Int) -> Tensor {
    guard most > 4096 else { return (uniform(shape) * counts).converted(to: .int32) }
    let wide =
      split(0).uniform(shape).converted(to: .float64) + 0x1p-24 * split(1).uniform(shape).converted(to: .float64)
    return minimum(wide * counts.converted(to: .float64), counts.converted(to: .float64) - 1).converted(to: .int32)
  }
}
