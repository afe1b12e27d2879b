import DescentTensors

/// The most parameters of methods that take the whole Hessian.
private let mostParameters = 4_000

/// Newton's method, its Hessian made positive definite where it is not.
struct Newton: MethodState {
  let search: StepSearch

  init(count: Int, search: StepSearch) throws {
    try checkHessianSize(count, of: "newton")
    self.search = search
  }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    let hessian = try function.hessian(at: current.point)
    var direction = scaled(current.gradient, by: -1)
    var isNewton = false
    if let factor = Cholesky.modified(hessian, count: function.count) {
      let newton = factor.solve(direction)
      if isFinite(newton), dot(newton, current.gradient) < 0 { (direction, isNewton) = (newton, true) }
    }
    let initial = isNewton ? 1 : min(1, 1 / norm(current.gradient))
    switch try LineStep.take(search, from: current, along: direction, initial: initial, function) {
    case .moved(let next, _): return .moved(next)
    case .failed(let failure): return .finished(current, LineStep.reason(failure, at: current, function))
    }
  }
}

/// Refuses more parameters than a Hessian has room for.
func checkHessianSize(_ count: Int, of method: String) throws {
  guard count <= mostParameters else {
    throw TensorError(
      method, "\(count) parameters, whose Hessian is too large; at most \(mostParameters), or use .newtonCG()")
  }
}

/// Newton's method with conjugate gradients on products of the Hessian.
struct NewtonConjugateGradient: MethodState {
  let search: StepSearch

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    let size = norm(current.gradient)
    // Near the minimum the equation is solved ever better, so that convergence is superlinear (Nocedal and Wright, 7.1).
    let inner = TruncatedConjugateGradient(radius: .infinity, tolerance: min(0.5, size.squareRoot()) * size)
    let solution = try inner.solve(current.gradient) { try function.hessianProduct(at: current.point, $0) }
    switch try LineStep.take(search, from: current, along: solution.step, initial: 1, function) {
    case .moved(let next, _): return .moved(next)
    case .failed(let failure): return .finished(current, LineStep.reason(failure, at: current, function))
    }
  }
}

/// The minimum of gᵀs + sᵀHs/2 within a ball, by conjugate gradients that end at its edge or where the curvature is not
/// positive (Steihaug 1983, Toint 1981).
struct TruncatedConjugateGradient {
  let radius: Double
  /// The norm of the residual that is small enough.
  let tolerance: Double

  /// - Returns: The step, and by how much the quadratic model falls.
  func solve(_ gradient: [Double], _ product: ([Double]) throws -> [Double]) throws -> (
    step: [Double], decrease: Double
  ) {
    var step = [Double](repeating: 0, count: gradient.count)
    var residual = gradient
    var direction = scaled(gradient, by: -1)
    var squared = dot(residual, residual)
    var decrease = 0.0
    for iteration in 0..<max(2 * gradient.count, 10) {
      let image = try product(direction)
      let curvature = dot(direction, image)
      if !(curvature > 0) {
        // Without an edge, what has been gone so far goes down; at first the gradient does.
        guard radius.isFinite, curvature.isFinite else { return (iteration == 0 ? direction : step, decrease) }
        let length = edge(step, direction)
        return (sum(step, length, direction), decrease + model(length, squared, curvature))
      }
      let length = squared / curvature
      let next = sum(step, length, direction)
      if norm(next) >= radius {
        let length = edge(step, direction)
        return (sum(step, length, direction), decrease + model(length, squared, curvature))
      }
      decrease += model(length, squared, curvature)
      step = next
      add(length, image, to: &residual)
      let before = squared
      squared = dot(residual, residual)
      if squared.squareRoot() <= tolerance { break }
      direction = sum(scaled(residual, by: -1), squared / before, direction)
    }
    return (step, decrease)
  }

  /// By how much the model falls along a direction whose slope is −rᵀr.
  private func model(_ length: Double, _ squared: Double, _ curvature: Double) -> Double {
    length * squared - 0.5 * length * length * curvature
  }

  /// How far it is along a direction to the edge.
  private func edge(_ step: [Double], _ direction: [Double]) -> Double {
    let (a, b, c) = (dot(direction, direction), dot(step, direction), dot(step, step) - radius * radius)
    let root = max(b * b - a * c, 0).squareRoot()
    return b > 0 ? -c / (b + root) : (root - b) / a
  }
}
