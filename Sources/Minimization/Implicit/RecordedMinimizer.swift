import DescentGraph
import DescentTensors

/// The minimum of a function within another one that is being recorded, where numbers are not known yet: the search is part
/// of the recorded function, and its derivative is that of the implicit function theorem.
///
/// Where ∇f(x, θ) = 0, a change of θ moves x by −H⁻¹ ∂∇f/∂θ. So a cotangent v of x becomes one of θ by H λ = v and
/// −(∂∇f/∂θ)ᵀ λ, whatever way the search took.
struct RecordedMinimizer {
  private let count: Int
  private let captured: [Tensor]
  /// Value and gradient, from the vector and the captured tensors.
  private let slope: Graph
  private let curvature: Graph
  /// The cotangents of the captured tensors that move, from the vector, the captured tensors and λ.
  private let mixed: Graph
  private let moving: [Int]
  private let name: String
  private let stopping: Stopping

  /// The most numbers: their Hessian is a matrix in the recorded function.
  private static let mostNumbers = 2_000

  /// - Throws: `TensorError` where there are too many numbers, or the function does not give one floating-point number.
  init(_ function: FlatFunction, stopping: Stopping, isMaximized: Bool, named name: String) throws {
    count = function.form.count
    let captured = function.trace.captured
    self.captured = captured
    (self.name, self.stopping) = (name, stopping)
    guard count <= Self.mostNumbers else {
      throw TensorError(
        name, "\(count) numbers within a recorded function, where at most \(Self.mostNumbers) are possible")
    }
    let floating = captured.indices.filter { captured[$0].elementType.isFloatingPoint }
    moving = floating
    do throws(OperationError) {
      let scalar = try function.trace.graph.scalar(negated: isMaximized)
      slope = try scalar.gradient(parameters: [0])
      curvature = try scalar.hessian(parameters: [0])
      mixed = try slope.mixedProduct(parameters: floating.map { $0 + 1 })
    } catch { throw TensorError(error) }
  }

  /// The minimizer as a vector.
  ///
  /// - Parameter start: Where the search begins.
  func minimizer(from start: Tensor) throws -> Tensor {
    guard !captured.isEmpty else { return try search(from: start, []) }
    return try customGradient(captured) { captured in
      let x = try search(from: start, captured)
      return (x, [x] + captured)
    } backward: { (residuals: [Tensor], cotangent: Tensor) in
      let (x, captured) = (residuals[0], Array(residuals.dropFirst()))
      let multiplier = solve(curvature.record(on: [x] + captured)[0], cotangent)
      let found = mixed.record(on: [x] + captured + [multiplier])
      var cotangents = captured.map { Tensor(zeros: $0.shape, $0.elementType) }
      for (place, cotangent) in zip(moving, found) { cotangents[place] = -cotangent }
      return cotangents
    }
  }

  private var identity: Tensor {
    var numbers = [Double](repeating: 0, count: count * count)
    for row in 0..<count { numbers[row * count + row] = 1 }
    return Tensor(numbers, shape: [count, count], .float64)
  }

  /// Where the search is after an iteration.
  private struct State: Codable {
    var x: Tensor
    var value: Tensor
    var gradient: Tensor
    /// About the inverse of the Hessian.
    var inverse: Tensor
    var iteration: Tensor
    /// The length of the last step; 0 where none leads down.
    var length: Tensor
  }

  /// BFGS with Armijo's condition, then Newton's steps as long as they make the gradient smaller.
  private func search(from start: Tensor, _ captured: [Tensor]) throws -> Tensor {
    func evaluate(_ x: Tensor) -> (value: Tensor, gradient: Tensor) {
      let results = slope.record(on: [x] + captured)
      return (results[0], results[1])
    }
    let first = evaluate(start)
    let initial = State(
      x: start, value: first.value, gradient: first.gradient,
      inverse: identity / maximum(abs(first.gradient).max(), Tensor(1, .float64)), iteration: Tensor(0, .float64),
      length: Tensor(1, .float64))
    let limit = Double(min(stopping.iterations, 100_000))
    let last = try whileLoop(from: initial) { state in
      let isSteep = abs(state.gradient).max() .> stopping.gradient
      return isSteep .& (state.length .> 0) .& (state.iteration .< limit)
    } do: { state in
      try step(state, evaluate)
    }
    return try polished(last.x, captured)
  }

  private func step(_ state: State, _ evaluate: (Tensor) -> (value: Tensor, gradient: Tensor)) throws -> State {
    let newton = -matmul(state.inverse, state.gradient)
    let isDown = (newton * state.gradient).sum() .< 0
    let direction = `where`(isDown, newton, -state.gradient)
    let slope = (direction * state.gradient).sum()
    let rounding: Tensor = 0x1p-50 * abs(state.value)
    let length = try whileLoop(from: Tensor(1, .float64)) { length in
      let value = evaluate(state.x + length * direction).value
      let highest: Tensor = state.value + rounding + length * (1e-4 * slope)
      let falls = value .<= highest
      return (.!falls) .& (length .> 1e-14)
    } do: { length in
      length / 2.0
    }
    let isFound = length .> 1e-14
    let x = `where`(isFound, state.x + length * direction, state.x)
    let (value, gradient) = evaluate(x)
    let (s, y) = (x - state.x, gradient - state.gradient)
    let curvature = (s * y).sum()
    let isCurved = curvature .> 0x1p-52 * sqrt((s * s).sum() * (y * y).sum())
    let safe = `where`(isCurved, curvature, Tensor(1, .float64))
    // The first matrix has the scale that the step has shown.
    let isFirst = state.iteration .== 0
    let scale: Tensor = safe / maximum((y * y).sum(), Tensor(1e-300, .float64))
    let before = `where`(isFirst, scale * identity, state.inverse)
    let image = matmul(before, y)
    let factor: Tensor = (1.0 + (y * image).sum() / safe) / safe
    let cross: Tensor = (outer(image, s) + outer(s, image)) / safe
    let updated: Tensor = before + factor * outer(s, s) - cross
    return State(
      x: x, value: value, gradient: gradient, inverse: `where`(isCurved, updated, state.inverse),
      iteration: state.iteration + 1.0, length: `where`(isFound, length, Tensor(0, .float64)))
  }

  /// Newton's steps, each taken where it makes the gradient smaller.
  private func polished(_ x: Tensor, _ captured: [Tensor]) throws -> Tensor {
    var x = x
    for _ in 0..<2 {
      let gradient = slope.record(on: [x] + captured)[1]
      let next = x - solve(curvature.record(on: [x] + captured)[0], gradient)
      let after = slope.record(on: [next] + captured)[1]
      x = `where`(abs(after).max() .< abs(gradient).max(), next, x)
    }
    return x
  }
}

extension Graph {
  /// Of a function that gives value and gradient at a vector, its first argument, the derivative in other arguments of the
  /// gradient's product with a vector, which is the last argument.
  fileprivate func mixedProduct(parameters: [Int]) throws(OperationError) -> Graph {
    let builder = GraphBuilder()
    let arguments = inputs.map { builder.input(type(of: $0), name: nodes[$0.node].operation.name) }
    let vector = builder.input(type(of: inputs[0]), name: "multiplier")
    let gradient = builder.inline(self, arguments)[1]
    let product = try builder.graph(outputs: [(gradient * vector).sum(axes: [0])])
    guard !parameters.isEmpty else { return product }
    var derivative = try product.gradient(parameters: parameters)
    derivative.outputs.removeFirst()
    return derivative.removingDeadNodes()
  }
}
