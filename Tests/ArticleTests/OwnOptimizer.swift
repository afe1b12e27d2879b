import Descent
import Testing

@Suite struct OwnOptimizer {
  /// Moves by the sign of a momentum. Source: Chen et al., "Symbolic Discovery of
  /// Optimization Algorithms", 2023.
  struct Lion: ParameterOptimizer {
    var learningRate: LearningRate = 1e-4
    var beta1: Hyperparameter = 0.9
    var beta2: Hyperparameter = 0.99

    var rate: LearningRate? { learningRate }

    func initialState(for parameter: Tensor) -> Tensor { Tensor(zerosLike: parameter) }

    func movement(
      of parameter: OptimizedParameter, state: inout Tensor, at step: StepContext
    ) -> Tensor {
      let (type, gradient) = (parameter.workingType, parameter.gradient)
      let direction = sign(state * beta1.in(type) + gradient * beta1.complement(in: type))
      state = state * beta2.in(type) + gradient * beta2.complement(in: type)
      return -step.rate(learningRate) * direction
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
    let rates = try losses(Lion(learningRate: 1e-2))
    #expect(rates[29] < rates[0])
    #expect(Lion().description == "Lion(learningRate: 0.0001, beta1: 0.9, beta2: 0.99)")
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
