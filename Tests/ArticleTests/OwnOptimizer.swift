import Descent
import Testing

@Suite struct OwnOptimizer {
  /// Adam whose second moment grows by a bounded part only. Source: Zaheer et al.,
  /// "Adaptive Methods for Nonconvex Optimization", 2018.
  struct Yogi: ParameterOptimizer {
    struct Memory: Codable, Sendable {
      var first: Tensor
      var second: Tensor
    }

    var learningRate: LearningRate = 1e-2
    var beta1: Hyperparameter = 0.9
    var beta2: Hyperparameter = 0.999
    var epsilon: Hyperparameter = 1e-3

    var rate: LearningRate? { learningRate }

    func initialState(for parameter: Tensor) -> Memory {
      let zeros = Tensor(zerosLike: parameter)
      return Memory(first: zeros, second: zeros)
    }

    func movement(
      of parameter: OptimizedParameter, state: inout Memory, at step: StepContext
    ) -> Tensor {
      let (type, gradient) = (parameter.workingType, parameter.gradient)
      let squares = square(gradient)
      let change = sign(state.second - squares) * squares
      state.first = state.first * beta1.in(type) + gradient * beta1.complement(in: type)
      state.second -= change * beta2.complement(in: type)
      let mean = state.first / step.biasCorrection(beta1).converted(to: type)
      let spread = state.second / step.biasCorrection(beta2).converted(to: type)
      return -step.rate(learningRate) * mean / (sqrt(spread) + epsilon.in(type))
    }
  }

  /// Scales all gradients to norm 1 together; a rule to stand in front of another one.
  struct Normalized: Optimizer {
    struct State: Codable, Sendable {}

    func initialState(for parameters: [OptimizedParameter]) -> State { State() }

    func movements(
      of parameters: [OptimizedParameter], state: inout State, at step: StepContext
    ) -> [Tensor] {
      let squares = parameters.map { square($0.gradient).sum() }
      let norm = sqrt(squares.dropFirst().reduce(squares[0], +) + 1e-12)
      return parameters.map { $0.gradient / norm }
    }
  }

  /// Descends with a step that is halved once where the loss would grow.
  struct Careful: Optimizer {
    struct State: Codable, Sendable {}
    var learningRate: LearningRate = 0.1

    func initialState(for parameters: [OptimizedParameter]) -> State { State() }

    func movements(
      of parameters: [OptimizedParameter], state: inout State, at step: StepContext
    ) throws -> [Tensor] {
      let rate = step.rate(learningRate).converted(to: .float32)
      let moved = parameters.map { $0.value - rate * $0.gradient }
      let isWorse = try step.objective.value(at: moved) .> step.loss
      let chosen = `where`(isWorse, 0.5 * rate, rate)
      return parameters.map { -chosen * $0.gradient }
    }
  }

  private func losses(_ optimizer: some Optimizer) throws -> [Double] {
    let batch = Batch(input: RandomKey(seed: 1).normal([32, 3]), target: RandomKey(seed: 2).normal([32, 1]))
    let step = try TrainingStep(Dense(units: 1), optimizer: optimizer) { model, batch in
      meanSquaredError(model(batch.input), batch.target)
    }
    return try (0..<30).map { _ in try step(batch).item() }
  }

  @Test func ofEachParameter() throws {
    let values = try losses(Yogi(learningRate: 0.1))
    #expect(values[29] < values[0])
    #expect(Yogi().description == "Yogi(learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 0.001)")
  }

  @Test func composed() throws {
    let optimizer = chain(Normalized(), SGD(learningRate: 0.05, momentum: 0.5))
      .decaying(0.01, where: .matrices)
      .averaging(decay: 0.9)
    let values = try losses(optimizer)
    #expect(values[29] < values[0])
  }

  @Test func withTheObjective() throws {
    let values = try losses(Careful(learningRate: 0.5))
    #expect(values[29] < values[0])
  }
}
