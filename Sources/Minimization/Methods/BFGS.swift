import DescentTensors

/// BFGS with the inverse of the Hessian as a matrix.
struct BFGS: MethodState {
  let search: StepSearch
  private let count: Int
  /// Row by row; empty where nothing is known.
  private var inverse: [Double] = []

  /// The most parameters: their matrix takes 800 MB.
  private static let mostParameters = 10_000

  init(count: Int, search: StepSearch) throws {
    guard count <= Self.mostParameters else {
      throw TensorError(
        "bfgs", "\(count) parameters, whose matrix is too large; at most \(Self.mostParameters), or use .lbfgs()")
    }
    self.count = count
    self.search = search
  }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    while true {
      var direction = inverse.isEmpty ? scaled(current.gradient, by: -1) : product(current.gradient, -1)
      if !(dot(direction, current.gradient) < 0) {
        inverse = []
        direction = scaled(current.gradient, by: -1)
      }
      let initial = inverse.isEmpty ? min(1, 1 / max(norm(current.gradient), .leastNormalMagnitude)) : 1
      switch try LineStep.take(search, from: current, along: direction, initial: initial, function) {
      case .moved(let next, _):
        update(difference(next.point, current.point), difference(next.gradient, current.gradient))
        return .moved(next)
      case .failed(let failure):
        guard !inverse.isEmpty else {
          return .finished(current, LineStep.reason(failure, at: current, function))
        }
        inverse = []
      }
    }
  }

  /// The matrix times a vector times a number.
  private func product(_ vector: [Double], _ factor: Double) -> [Double] {
    inverse.withUnsafeBufferPointer { matrix in
      vector.withUnsafeBufferPointer { vector in
        (0..<count).map { row in
          var sum = 0.0
          let start = row * count
          for column in 0..<count { sum += matrix[start + column] * vector[column] }
          return factor * sum
        }
      }
    }
  }

  /// H ← (1 − ρ s yᵀ) H (1 − ρ y sᵀ) + ρ s sᵀ, with ρ = 1 / sᵀy.
  private mutating func update(_ s: [Double], _ y: [Double]) {
    let curvature = dot(s, y)
    guard curvature > 0x1p-52 * norm(s) * norm(y), (1 / curvature).isFinite else { return }
    if inverse.isEmpty {
      // The first matrix has the scale that the step has shown (Nocedal and Wright, 6.20).
      inverse = [Double](repeating: 0, count: count * count)
      let scale = curvature / dot(y, y)
      for index in 0..<count { inverse[index * count + index] = scale }
    }
    let hy = product(y, 1)
    let rho = 1 / curvature
    let factor = rho * (1 + rho * dot(y, hy))
    let count = count
    inverse.withUnsafeMutableBufferPointer { matrix in
      for row in 0..<count {
        let (a, b) = (factor * s[row] - rho * hy[row], rho * s[row])
        let start = row * count
        for column in 0..<count { matrix[start + column] += a * s[column] - b * hy[column] }
      }
    }
  }
}
