import DescentGraph
import DescentTensors

/// What the loss is expected to be nearby: its value, gradient and Gauss–Newton matrix, along some directions.
struct QuadraticModel {
  /// The products of directions with the gradient, Float64 scalars.
  let slopes: [Tensor]
  /// The products of directions with the matrix' products, row by row, Float64 scalars.
  let curves: [[Tensor]]
  /// The products of directions with each other, row by row, Float64 scalars.
  let squares: [[Tensor]]

  init(_ objective: Objective, at point: [Tensor], gradient: [Tensor], along directions: [[Tensor]]) throws {
    slopes = directions.map { dot(gradient, $0) }
    squares = directions.map { one in directions.map { dot(one, $0) } }
    if let map = try GaussNewtonMap(objective, at: point) {
      let changes = try directions.map { try map.outputs(along: $0) }
      let images = try changes.map { try map.curved($0) }
      curves = changes.map { change in images.map { dot(change, $0) } }
    } else {
      let images = try directions.map { try objective.hessianVectorProduct(at: point, along: $0) }
      // The Hessian may point down; how strongly it curves is what counts.
      curves = directions.enumerated().map { row, one in
        images.enumerated().map { column, image in row == column ? abs(dot(one, image)) : dot(one, image) }
      }
    }
  }

  /// How far to go along each direction so that the model with damping is least; 0 along one of length 0.
  ///
  /// - Parameters:
  ///   - damping: What is added to the matrix' diagonal.
  ///   - given: The lengths that are settled.
  func lengths(damping: Tensor, given: [Tensor?]) -> [Tensor] {
    let (zero, one) = (Tensor(0, .float64), Tensor(1, .float64))
    func matrix(_ row: Int, _ column: Int) -> Tensor { curves[row][column] + damping * squares[row][column] }
    func single(_ place: Int, others: [(Int, Tensor)]) -> Tensor {
      let slope = others.reduce(slopes[place]) { $0 + matrix(place, $1.0) * $1.1 }
      let curve = matrix(place, place)
      return `where`(curve .> 0, -slope / `where`(curve .> 0, curve, one), zero)
    }
    guard slopes.count == 2 else { return [given[0] ?? single(0, others: [])] }
    switch (given[0], given[1]) {
    case (let first?, let second?): return [first, second]
    case (let first?, nil): return [first, single(1, others: [(0, first)])]
    case (nil, let second?): return [single(0, others: [(1, second)]), second]
    case (nil, nil):
      let (a, b, c) = (matrix(0, 0), matrix(0, 1), matrix(1, 1))
      let determinant = a * c - b * b
      // Directions that are nearly the same leave nothing for the second one.
      let isRegular = determinant .> a * c * 1e-10
      let safe = `where`(isRegular, determinant, one)
      let alone = single(0, others: [])
      return [
        `where`(isRegular, (b * slopes[1] - c * slopes[0]) / safe, alone),
        `where`(isRegular, (b * slopes[0] - a * slopes[1]) / safe, zero),
      ]
    }
  }

  /// The change of the model, without damping, at so far along each direction.
  func change(_ lengths: [Tensor]) -> Tensor {
    var sum = Tensor(0, .float64)
    for (row, length) in lengths.enumerated() {
      sum = sum + slopes[row] * length
      for (column, other) in lengths.enumerated() { sum = sum + curves[row][column] * length * other * 0.5 }
    }
    return sum
  }
}

/// Damping by the rule of Levenberg and Marquardt: less where the loss changes as the model says, more where it does not.
enum AdaptiveDamping {
  /// The damping after a step.
  ///
  /// - Parameters:
  ///   - damping: The damping so far.
  ///   - change: How much the loss has changed.
  ///   - expected: How much the model says.
  ///   - agreeing: The ratios of both at which the damping stays.
  ///   - factor: What it is multiplied by where they agree, less than 1.
  static func next(
    _ damping: Tensor, change: Tensor, expected: Tensor, agreeing: ClosedRange<Double> = 0.25...0.75, factor: Double
  ) -> Tensor {
    let isDown = expected .< 0
    let ratio = change / `where`(isDown, expected, Tensor(-1, .float64))
    let less = minimum(maximum(damping * factor, 1e-12), 1e12)
    let more = minimum(maximum(damping / factor, 1e-12), 1e12)
    let isGood = isDown .& (ratio .> agreeing.upperBound)
    // A loss that is not a number does not agree.
    let isBad = .!(isDown .& (ratio .>= agreeing.lowerBound))
    return `where`(isGood, less, `where`(isBad, more, damping))
  }
}
