import DescentGraph
import DescentTensors

/// L-BFGS: a quasi-Newton step from the last movements and how the gradient changed along them, for batches that are all data, or the
/// same data in every step.
///
/// The direction is `−H g` with the inverse Hessian H that the last `memory` pairs of movements s and changes y make of the multiple
/// `sᵀy / yᵀy` of the identity, and is gone along by a line search. A pair along which the loss does not curve upward is left out. Sources:
/// Nocedal, "Updating quasi-Newton matrices with limited storage", 1980; Nocedal and Wright, "Numerical Optimization",
/// algorithm 7.4.
///
/// - Complexity: O(numbers · memory) for each step, in addition to the line search.
public struct LBFGS: Optimizer {
  /// What is remembered.
  public struct State: Codable, Sendable {
    /// The last movements, the latest last, `[memory, numbers]`.
    public var movements: Tensor
    /// The changes of the gradient along them, `[memory, numbers]`.
    public var changes: Tensor
    /// `1 / sᵀy` of each pair, Float64 `[memory]`; 0 where there is none.
    public var weights: Tensor
    /// The multiple of the identity that the inverse Hessian is made of, a Float64 scalar.
    public var scale: Tensor
    /// The last point `[numbers]`.
    public var point: Tensor
    /// The gradient there `[numbers]`.
    public var gradient: Tensor
  }

  /// How many pairs are kept.
  public var memory: Int
  /// How the length of a step is found.
  public var lineSearch: LineSearch

  /// L-BFGS with customary settings.
  public init(memory: Int = 10, lineSearch: LineSearch = LineSearch()) {
    (self.memory, self.lineSearch) = (memory, lineSearch)
  }

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    let layout = FlatLayout(parameters)
    let pairs = Tensor(zeros: [memory, layout.count], layout.elementType)
    let vector = Tensor(zeros: [layout.count], layout.elementType)
    return State(
      movements: pairs, changes: pairs, weights: Tensor(zeros: [memory], .float64), scale: Tensor(1, .float64),
      point: vector, gradient: vector)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let layout = FlatLayout(parameters)
    guard state.point.shape == [layout.count] else {
      throw TensorError("LBFGS", "remembers \(state.point.count) numbers, the parameters have \(layout.count)")
    }
    let (point, gradient) = (layout.joined(parameters.map(\.value)), layout.joined(parameters.map(\.gradient)))
    take(point, gradient, into: &state, at: step)
    let direction = directed(gradient, state)
    let slope = product(gradient, direction)
    // The first step has no curvature to go by: it is no longer than 1 in all numbers together.
    let isKnown = state.weights.max() .> 0
    let first = minimum(1.0 / abs(gradient.converted(to: .float64)).sum(), Tensor(1, .float64))
    let factor = `where`(isKnown, Tensor(1, .float64), `where`(isFinite(first), first, Tensor(1, .float64)))
    let parts = layout.parts(of: direction * factor.converted(to: direction.elementType), like: parameters)
    let length = try lineSearch.length(
      from: parameters.map(\.value), along: parts, slope: slope * factor, at: step)
    return parts.map { $0 * length.converted(to: $0.elementType) }
  }

  private func product(_ a: Tensor, _ b: Tensor) -> Tensor {
    (a.converted(to: .float64) * b.converted(to: .float64)).sum()
  }

  /// Takes the last movement in, if the loss curves upward along it.
  private func take(_ point: Tensor, _ gradient: Tensor, into state: inout State, at step: StepContext) {
    let (movement, change) = (point - state.point, gradient - state.gradient)
    let (curve, square) = (product(movement, change), product(change, change))
    let isTaken = (step.age .> 1) .& (curve .> square * 1e-10) .& isFinite(curve)
    func pushed(_ rows: Tensor, _ row: Tensor) -> Tensor {
      `where`(isTaken, concatenated([rows.sliced(1..<memory), row.expanded(axis: 0)], axis: 0), rows)
    }
    let one = Tensor(1, .float64)
    let (safeCurve, safeSquare) = (`where`(isTaken, curve, one), `where`(isTaken, square, one))
    state.movements = pushed(state.movements, movement)
    state.changes = pushed(state.changes, change)
    state.weights = pushed(state.weights, 1.0 / safeCurve)
    state.scale = `where`(isTaken, safeCurve / safeSquare, state.scale)
    (state.point, state.gradient) = (point, gradient)
  }

  /// The inverse Hessian times the gradient, downward, by two loops over the pairs.
  private func directed(_ gradient: Tensor, _ state: State) -> Tensor {
    var vector = gradient
    var shares: [Tensor] = []
    func times(_ length: Tensor, _ vector: Tensor) -> Tensor { vector * length.converted(to: vector.elementType) }
    for place in (0..<memory).reversed() {
      let share = product(state.movements[place], vector) * state.weights[place]
      vector = vector - times(share, state.changes[place])
      shares.append(share)
    }
    vector = times(state.scale, vector)
    for (place, share) in zip(0..<memory, shares.reversed()) {
      let own = product(state.changes[place], vector) * state.weights[place]
      vector = vector + times(share - own, state.movements[place])
    }
    return -vector
  }

  public func validate() throws {
    guard (1...1000).contains(memory) else {
      throw TensorError("LBFGS", "its memory must lie in 1...1000, found \(memory)")
    }
    try lineSearch.validate()
  }
}

/// Parameters as one vector of all their numbers.
struct FlatLayout {
  private let shapes: [Shape]
  /// The number of elements.
  let count: Int
  /// Float64 where one of the parameters is moved in it, else Float32.
  let elementType: ElementType

  init(_ parameters: [OptimizedParameter]) {
    shapes = parameters.map(\.value.shape)
    count = shapes.reduce(0) { $0 + $1.count }
    elementType = parameters.contains { $0.workingType == .float64 } ? .float64 : .float32
  }

  /// The vector of all tensors' numbers.
  func joined(_ tensors: [Tensor]) -> Tensor {
    guard !tensors.isEmpty else { return Tensor(zeros: [0], elementType) }
    return concatenated(tensors.map { $0.reshaped([$0.count]).converted(to: elementType) })
  }

  /// The tensors that a vector is made of, in the parameters' types.
  func parts(of vector: Tensor, like parameters: [OptimizedParameter]) -> [Tensor] {
    var first = 0
    return zip(shapes, parameters).map { shape, parameter in
      defer { first += shape.count }
      return vector.sliced(first..<first + shape.count).reshaped(shape).converted(to: parameter.workingType)
    }
  }
}
