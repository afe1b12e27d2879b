import DescentGraph
import DescentTensors

/// Sums of weights over a binary tree, in a tensor: places are drawn in proportion to their weights, and weights changed, in time
/// that grows with the logarithm of their number.
///
/// Node 1 is the root, node n has the children 2n and 2n + 1, and the leaves are the weights. Source: Schaul et al., "Prioritized
/// experience replay", 2016.
public struct SumTree: Codable, Sendable {
  /// The sums by the numbers of their nodes, float32 `[2 · leaves]`.
  public private(set) var sums: Tensor
  /// The number of weights.
  public let count: Int
  private let depth: Int

  /// A tree of weights that are 0.
  ///
  /// - Parameter count: The number of weights, at least 1.
  /// - Throws: `TensorError` where there is none, or memory does not hold them.
  public init(count: Int) throws {
    guard count >= 1, count <= 1 << 30 else {
      throw TensorError("SumTree", "cannot hold \(count) weights; ask for 1 up to \(1 << 30)")
    }
    try MachineMemory.check(8, times: count, "SumTree", "\(count) weights")
    var depth = 0
    while 1 << depth < count { depth += 1 }
    (self.count, self.depth) = (count, depth)
    sums = Tensor(zeros: [2 << depth])
  }

  /// The sum of all weights, a scalar.
  public var total: Tensor { sums[1] }

  /// The weights at some places.
  public func weights(at places: Tensor) -> Tensor { sums.taken(places + Double(1 << depth)) }

  /// Sets weights; of places that are named twice the last counts, and one that does not exist does nothing.
  ///
  /// - Parameters:
  ///   - weights: The weights, not negative, `[places]`.
  ///   - places: Integers `[places]` from 0 up to the number of weights.
  public mutating func set(_ weights: Tensor, at places: Tensor) {
    let isThere = (places .>= 0) .& (places .< Double(count))
    let outside = Tensor(integers: [2 << depth], shape: [], places.elementType)
    var nodes = `where`(isThere, places + Double(1 << depth), outside)
    sums = sums.scattered(weights, at: nodes, combining: .set)
    for _ in 0..<depth {
      nodes = `where`(isThere, nodes >> 1, outside)
      // Summed anew rather than changed by a difference, so that rounding does not add up.
      let sum = sums.taken(nodes << 1) + sums.taken((nodes << 1) + 1)
      sums = sums.scattered(sum, at: nodes, combining: .set)
    }
  }

  /// Places drawn in proportion to their weights, one from each of as many equal parts of the sum: int32 `[number]`.
  ///
  /// One weight at least has to be positive.
  public func places(_ number: Int, _ key: RandomKey) -> Tensor {
    let part = (Tensor(rangeTo: number).converted(to: .float32) + key.uniform([number])) / Double(max(1, number))
    return places(below: part * total)
  }

  /// The places at which the weights, added up from the first on, go beyond some sums.
  ///
  /// - Parameter sums: Numbers `[number]` from 0 up to the sum of all weights.
  public func places(below sums: Tensor) -> Tensor {
    var rest = sums
    var nodes = Tensor(repeating: 1, shape: sums.shape, .int32)
    for _ in 0..<depth {
      let left = self.sums.taken(nodes << 1)
      let right = self.sums.taken((nodes << 1) + 1)
      // Rounding may leave more than there is: what weighs nothing is never drawn.
      let goesRight = (rest .>= left) .& (right .> 0)
      rest = `where`(goesRight, rest - left, rest)
      nodes = (nodes << 1) + goesRight.converted(to: .int32)
    }
    return nodes - Double(1 << depth)
  }
}
