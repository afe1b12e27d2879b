import DescentGraph

/// What an environment shows of its state.
public enum ObservationSpace: Hashable, Sendable, Codable {
  /// One of a number of states, counted from 0: a scalar of type int32.
  case discrete(Int)
  /// Several numbers at once, each from 0 up to a count: a vector of type int32.
  case multiDiscrete([Int])
  /// Numbers within bounds, one pair of bounds per component, infinite where there is none: a vector.
  case box(low: [Double], high: [Double])
  /// Numbers of a shape, all with the same bounds: a picture, several vectors.
  case array(shape: Shape, low: Double, high: Double)

  /// The shape of one observation.
  public var shape: Shape {
    switch self {
    case .discrete: []
    case .multiDiscrete(let counts): [counts.count]
    case .box(let low, _): [low.count]
    case .array(let shape, _, _): shape
    }
  }

  /// Whether observations are integers, of type int32, rather than floating-point numbers.
  public var isDiscrete: Bool {
    switch self {
    case .discrete, .multiDiscrete: true
    case .box, .array: false
    }
  }

  /// The number of states; `nil` where they are not counted.
  ///
  /// Of several numbers the product of their counts.
  public var stateCount: Int? {
    switch self {
    case .discrete(let count): count
    case .multiDiscrete(let counts): Shape(counts).checkedCount
    case .box, .array: nil
    }
  }
}
