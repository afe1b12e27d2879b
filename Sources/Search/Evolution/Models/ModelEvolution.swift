import DescentMinimization
import DescentTensors

/// A population of models that evolves: asked for its members, told how fit they are, and written down between.
///
/// ```swift
/// var evolution = try ModelEvolution(policy, by: .openAIES(seed: 1))
/// while evolution.generation < 200 {
///   try evolution.tell(fitness: try evolution.members().map(reward))
/// }
/// let trained = try evolution.model()
/// ```
///
/// What moves are the floating-point parameters that training would move; frozen ones, and whatever else a model holds,
/// stay. `evolve(_:by:generations:target:membersPerRun:progress:fitness:)` does all of it where fitness is made of tensors.
public struct ModelEvolution<Model: Codable & Sendable, Strategy: EvolutionStrategy<[Double]>>: Codable, Sendable {
  /// The strategy, whose individuals are the models' parameters, and whose values are fitness below zero.
  public private(set) var strategy: Strategy
  /// The model that the evolution began with.
  public let start: Model

  /// Begins an evolution.
  ///
  /// - Parameters:
  ///   - model: The model, whose parameters have values.
  ///   - method: The strategy.
  /// - Throws: `TensorError` where nothing in the model can move, or parameters are not bound yet; `SearchError` of the
  ///   method's settings.
  public init(_ model: Model, by method: EvolutionMethod<Strategy>) throws {
    start = model
    strategy = try method.make(try Self.form(of: model).numbers())
  }

  private static func form(of model: Model) throws -> PointForm { try PointForm(try ArgumentList(model), of: "evolve") }

  /// How many members the present generation has.
  public var populationSize: Int { strategy.populationSize }
  /// How many generations have been told.
  public var generation: Int { strategy.generation }

  /// The members of the present generation.
  ///
  /// - Complexity: O(members · parameters).
  public func members() throws -> [Model] { try strategy.ask().map(model(of:)) }

  /// Takes how fit the members are, in their order; more is better.
  public mutating func tell(fitness: [Double]) throws { try strategy.tell(fitness.map { -$0 }) }

  /// The model at the mean of the population, or the fittest one where the strategy has no mean.
  public func model() throws -> Model {
    if let distribution = strategy as? any DistributionStrategy { return try model(of: distribution.mean) }
    return try fittest()?.model ?? start
  }

  /// The fittest member of all generations, with its fitness; `nil` before there is one.
  public func fittest() throws -> (model: Model, fitness: Double)? {
    guard let best = strategy.best else { return nil }
    return (try model(of: best.individual), -best.outcome.value)
  }

  /// The model with the parameters of a vector.
  private func model(of numbers: [Double]) throws -> Model {
    try Self.form(of: start).cursor(numbers).next(Model.self)
  }
}

extension ModelEvolution {
  private enum CodingKeys: String, CodingKey {
    case strategy, start
  }

  /// Reads an evolution.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` where the strategy moves other parameters than the
  ///   model has.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("ModelEvolution", decoder, by: CodingKeys.self)
    (start, strategy) = (try reader.value(.start), try reader.value(.strategy))
    let (count, asked) = (strategy.individual(0).count, try Self.form(of: start).count)
    try reader.check(count == asked, .strategy, "moves \(asked) parameters", found: count)
  }
}
