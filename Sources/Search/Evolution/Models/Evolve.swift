import DescentMinimization
import DescentTensors

/// How an evolution went.
public struct EvolutionReport<Model: Codable & Sendable>: Sendable {
  /// The model at the mean of the last population, or the fittest one where the strategy has no mean.
  public let model: Model
  /// The fittest member of all generations; the first model where all failed.
  public let fittest: Model
  /// Its fitness; not a number where all failed.
  public let fitness: Double
  /// The best fitness within each generation.
  public let history: [Double]
  /// How many models were evaluated.
  public let evaluations: Int
}

/// What is known after a generation.
public struct EvolutionProgress: Sendable {
  /// How many generations there have been.
  public let generation: Int
  /// The best fitness of the generation; not a number where all members failed.
  public let best: Double
  /// The mean fitness of the members that did not fail; not a number where all did.
  public let mean: Double
}

/// Makes a model fitter without a derivative: its parameters move as a population, whose members are evaluated side by side
/// as one compiled plan.
///
/// ```swift
/// let report = try evolve(classifier, by: .snes(populationSize: 60, seed: 1), generations: 500) { model in
///   -softmaxCrossEntropy(model(images), labels)
/// }
/// ```
///
/// The function is recorded once. It need not be differentiable: steps, comparisons and counts of mistakes will do. What moves
/// are the floating-point parameters that training would move.
///
/// - Parameters:
///   - model: The model, whose parameters have values.
///   - method: The strategy.
///   - generations: How many generations there are.
///   - target: The fitness that ends the evolution.
///   - membersPerRun: How many members are evaluated at once, all of them where `nil`: fewer need less memory.
///   - progress: Told what is known after each generation; what it throws ends the evolution.
///   - fitness: Gives one number for a model: more is better. Not a number is worst.
/// - Returns: The models that came of it.
/// - Throws: `TensorError` of a mistake in the function or where nothing can move; `SearchError` of settings that make no
///   sense; `CancellationError` where the surrounding task is canceled.
public func evolve<Model: Codable & Sendable, Strategy>(
  _ model: Model, by method: EvolutionMethod<Strategy>, generations: Int, target: Double = .infinity,
  membersPerRun: Int? = nil, progress: ((EvolutionProgress) throws -> Void)? = nil,
  fitness: @escaping @Sendable (Model) throws -> Tensor
) throws -> EvolutionReport<Model> {
  try evolve(
    model, by: method, generations: generations, target: target, membersPerRun: membersPerRun, progress: progress,
    batches: { _ in [Tensor]() }
  ) { model, _ in try fitness(model) }
}

/// Makes a model fitter without a derivative on data that changes from one generation to the next, such as batches or the
/// random keys of episodes; see `evolve(_:by:generations:target:membersPerRun:progress:fitness:)`.
///
/// - Parameters:
///   - model: The model, whose parameters have values.
///   - method: The strategy.
///   - generations: How many generations there are.
///   - target: The fitness that ends the evolution.
///   - membersPerRun: How many members are evaluated at once, all of them where `nil`.
///   - progress: Told what is known after each generation; what it throws ends the evolution.
///   - batches: Gives the data of a generation, counted from 0, which all its members share: tensors, or what holds tensors.
///   - fitness: Gives one number for a model and the data: more is better.
public func evolve<Model: Codable & Sendable, Strategy, Batch: Codable & Sendable>(
  _ model: Model, by method: EvolutionMethod<Strategy>, generations: Int, target: Double = .infinity,
  membersPerRun: Int? = nil, progress: ((EvolutionProgress) throws -> Void)? = nil,
  batches: (Int) throws -> Batch, fitness: @escaping @Sendable (Model, Batch) throws -> Tensor
) throws -> EvolutionReport<Model> {
  guard generations >= 0, membersPerRun ?? 1 >= 1 else {
    throw SearchError(
      "evolve",
      "generations are not negative and a run has a member; \(generations) and \(membersPerRun ?? 0) were given")
  }
  let plan = compiled { (population: Tensor, batch: Batch) in
    let each = vectorized(over: 0, nil) { (vector: Tensor, batch: Batch) in
      let form = try PointForm(try ArgumentList(model), of: "evolve")
      let result = try fitness(try form.cursor(vector).next(Model.self), batch)
      guard result.count == 1, result.elementType.isFloatingPoint else {
        throw TensorError(
          "evolve", "fitness is one floating-point number, and the function gave \(result.elementType) \(result.shape)")
      }
      return result.reshaped([])
    }
    return try each(population, batch)
  }
  var evolution = try ModelEvolution(model, by: method)
  var (history, evaluations) = ([Double](), 0)
  while evolution.generation < generations {
    try Task.checkCancellation()
    let batch = try batches(evolution.generation)
    let members = evolution.strategy.ask()
    var found: [Double] = []
    var start = 0
    while start < members.count {
      let part = members[start..<min(start + (membersPerRun ?? members.count), members.count)]
      let population = Tensor(part.flatMap { $0 }, shape: [part.count, members[0].count], .float64)
      found += try plan(population, batch).scalars()
      start += part.count
    }
    try evolution.tell(fitness: found)
    evaluations += members.count
    let numbers = found.filter { !$0.isNaN }
    history.append(numbers.max() ?? .nan)
    let mean = numbers.isEmpty ? .nan : numbers.reduce(0, +) / Double(numbers.count)
    try progress?(
      EvolutionProgress(generation: evolution.generation, best: history[history.count - 1], mean: mean))
    if history[history.count - 1] >= target { break }
  }
  let fittest = try evolution.fittest()
  return EvolutionReport(
    model: try evolution.model(), fittest: fittest?.model ?? model, fitness: fittest?.fitness ?? .nan, history: history,
    evaluations: evaluations)
}
