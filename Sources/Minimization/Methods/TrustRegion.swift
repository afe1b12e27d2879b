import DescentTensors

/// A trust region: the quadratic model is minimized where it is believed.
struct TrustRegion: MethodState {
  let isExact: Bool
  private var radius = 1.0
  private static let largestRadius = 1e10

  init(count: Int, isExact: Bool) throws {
    if isExact { try checkHessianSize(count, of: "trustRegion") }
    self.isExact = isExact
  }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    let exact = isExact ? try BallProblem(try function.hessian(at: current.point), current.gradient) : nil
    // A radius that shrinks in vain ends below rounding.
    while true {
      let (step, decrease): ([Double], Double)
      if let exact {
        (step, decrease) = exact.solution(radius: radius)
      } else {
        let size = norm(current.gradient)
        let inner = TruncatedConjugateGradient(radius: radius, tolerance: min(0.5, size.squareRoot()) * size)
        (step, decrease) = try inner.solve(current.gradient) { try function.hessianProduct(at: current.point, $0) }
      }
      let length = norm(step)
      let rounding = 4 * abs(current.value) * function.roundingUnit
      guard decrease > 0, length > 0, isFinite(step) else {
        return .finished(current, LineStep.reason(.flat, at: current, function))
      }
      let next = try function.evaluate(at: sum(current.point, 1, step))
      // Where both changes are below rounding the model is believed.
      let ratio =
        decrease <= rounding && next.value <= current.value + rounding ? 1 : (current.value - next.value) / decrease
      let isGood = next.isFinite && ratio > 1e-4 && next.value <= current.value + rounding
      if !next.isFinite || ratio < 0.25 {
        radius = 0.25 * length
      } else if ratio > 0.75, length > 0.8 * radius {
        radius = min(2 * radius, Self.largestRadius)
      }
      if isGood {
        // A step that changes nothing is the last one.
        if next.value >= current.value, norm(next.gradient) >= norm(current.gradient) {
          return .finished(current, LineStep.reason(.flat, at: current, function))
        }
        return .moved(next)
      }
      if radius <= max(norm(current.point), 1e-10) * 0x1p-52 || decrease <= rounding / 16 {
        return .finished(current, LineStep.reason(.flat, at: current, function))
      }
      if function.isExhausted { return .finished(current, .evaluations) }
    }
  }
}

/// The minimum of gᵀs + sᵀHs/2 within a ball, exactly (Moré and Sorensen 1983), in the Hessian's own axes.
struct BallProblem {
  private let values: [Double]
  /// An eigenvector in each column.
  private let vectors: [Double]
  /// The gradient in the eigenvectors' axes.
  private let slopes: [Double]
  private let count: Int

  /// - Throws: `TensorError` where the Hessian has no eigenvalues, since it holds something that is not a number.
  init(_ hessian: [Double], _ gradient: [Double]) throws {
    count = gradient.count
    guard isFinite(hessian) else {
      throw TensorError("trustRegion", "the Hessian holds a number that is not finite; use a method without Hessian")
    }
    let matrix = Tensor(hessian, shape: [count, count], .float64)
    let (values, vectors) = eigh(matrix)
    self.values = try values.scalars()
    let columns = try vectors.scalars()
    self.vectors = columns
    let size = count
    slopes = (0..<size).map { column in
      (0..<size).reduce(0) { $0 + columns[$1 * size + column] * gradient[$1] }
    }
  }

  /// The step within a radius, and by how much the model falls.
  func solution(radius: Double) -> (step: [Double], decrease: Double) {
    let least = values.first ?? 0
    let scale = max(largestMagnitude(values), .leastNormalMagnitude)
    func parts(_ shift: Double) -> [Double] {
      (0..<count).map { index in
        let curvature = values[index] + shift
        return curvature > 1e-15 * scale
          ? -slopes[index] / curvature : (slopes[index] == 0 ? 0 : -slopes[index] / (1e-15 * scale))
      }
    }
    if least > 1e-14 * scale {
      let inner = parts(0)
      if norm(inner) <= radius { return finished(inner) }
    }
    // The shift at which the step is as long as the radius lies between the first at which the matrix is not indefinite
    // and the one at which even the gradient over it is too short.
    var low = max(0, -least)
    var high = low + norm(slopes) / radius + 1e-15 * scale
    let edge = parts(low + 1e-13 * scale)
    if norm(edge) < radius {
      // The hard case: along the axis of least curvature the step goes on to the edge.
      var step = edge
      let rest = (radius * radius - dot(edge, edge)).squareRoot()
      step[0] += step[0] < 0 ? -rest : rest
      return finished(step)
    }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if norm(parts(middle)) > radius { low = middle } else { high = middle }
      if high - low <= 1e-14 * max(high, .leastNormalMagnitude) { break }
    }
    return finished(parts(high))
  }

  private func finished(_ parts: [Double]) -> (step: [Double], decrease: Double) {
    var decrease = 0.0
    for index in 0..<count { decrease -= parts[index] * (slopes[index] + 0.5 * values[index] * parts[index]) }
    let step = (0..<count).map { row in
      (0..<count).reduce(0) { $0 + vectors[row * count + $1] * parts[$1] }
    }
    return (step, decrease)
  }
}
