import DescentTensors

/// An optimizer that moves each parameter by itself: one page for a rule of one's own.
///
/// ```swift
/// struct SignedMomentum: ParameterOptimizer {
///   var learningRate: LearningRate = 1e-4
///   var momentum: Hyperparameter = 0.9
///
///   func initialState(for parameter: Tensor) -> Tensor { Tensor(zerosLike: parameter) }
///
///   func movement(of parameter: OptimizedParameter, state: inout Tensor, at step: StepContext) -> Tensor {
///     let kept = momentum.in(parameter.workingType)
///     state = state * kept + parameter.gradient * momentum.complement(in: parameter.workingType)
///     return -step.rate(learningRate) * sign(state)
///   }
/// }
/// ```
public protocol ParameterOptimizer: Optimizer where State == [String: Memory] {
  /// What is remembered of one parameter.
  associatedtype Memory: Codable & Sendable

  /// What is remembered of a parameter before the first step.
  ///
  /// - Parameter parameter: Its values, in the type in which it is moved.
  func initialState(for parameter: Tensor) -> Memory

  /// What is added to a parameter in one step.
  ///
  /// - Parameters:
  ///   - parameter: The parameter with its gradient, in the type in which it is moved.
  ///   - state: What is remembered of it; it keeps its form, its tensors their types.
  ///   - step: The number of the step and what else may be asked for. Rates are in the parameter's working type.
  /// - Returns: The movement, in the parameter's shape and working type.
  func movement(of parameter: OptimizedParameter, state: inout Memory, at step: StepContext) throws -> Tensor
}

extension ParameterOptimizer {
  /// What is remembered of each parameter, by its path.
  public func initialState(for parameters: [OptimizedParameter]) throws -> [String: Memory] {
    var states: [String: Memory] = [:]
    for parameter in parameters { states[parameter.path] = initialState(for: parameter.value) }
    return states
  }

  /// Moves each parameter by itself.
  public func movements(
    of parameters: [OptimizedParameter], state: inout [String: Memory], at step: StepContext
  ) throws -> [Tensor] {
    try parameters.map { parameter in
      guard var memory = state[parameter.path] else { throw unknown(parameter) }
      var own = step
      own.rateType = parameter.workingType
      if let start = parameter.start { own.age = minimum(step.age, maximum(step.number - start, 1)) }
      let movement = try RecordingScope.update(of: parameter.path) {
        try self.movement(of: parameter, state: &memory, at: own)
      }
      state[parameter.path] = memory
      return movement
    }
  }

  private func unknown(_ parameter: OptimizedParameter) -> TensorError {
    TensorError("\(Self.self)", "remembers nothing of \(parameter.path), which was not there before the first step")
  }
}
