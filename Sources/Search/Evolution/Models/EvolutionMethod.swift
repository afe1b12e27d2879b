/// A strategy for the parameters of a model, before the model is known.
///
/// ```swift
/// let method: EvolutionMethod = .snes(sigma: 0.1, populationSize: 40)
/// let own = EvolutionMethod { try CMAES(from: $0, sigma: 0.2, covariance: .separable, seed: 3) }
/// ```
public struct EvolutionMethod<Strategy: EvolutionStrategy<[Double]>>: Sendable {
  let make: @Sendable ([Double]) throws -> Strategy

  /// Makes a method.
  ///
  /// - Parameter make: Makes the strategy, given the model's parameters as one vector.
  public init(_ make: @escaping @Sendable ([Double]) throws -> Strategy) { self.make = make }
}

extension EvolutionMethod where Strategy == SNES {
  /// The separable natural evolution strategy, for networks of any size; see ``SNES``.
  public static func snes(sigma: Double = 0.1, populationSize: Int? = nil, seed: UInt64 = 0) -> Self {
    Self { try SNES(from: $0, sigma: sigma, populationSize: populationSize, seed: seed) }
  }
}

extension EvolutionMethod where Strategy == CMAES {
  /// CMA-ES, separable for more than 250 parameters; see ``CMAES``.
  public static func cmaES(
    sigma: Double = 0.1, populationSize: Int? = nil, covariance: CMAES.Covariance = .automatic, seed: UInt64 = 0
  ) -> Self {
    Self { try CMAES(from: $0, sigma: sigma, populationSize: populationSize, covariance: covariance, seed: seed) }
  }
}

extension EvolutionMethod where Strategy == XNES {
  /// The exponential natural evolution strategy, for few parameters; see ``XNES``.
  public static func xnes(sigma: Double = 0.1, populationSize: Int? = nil, seed: UInt64 = 0) -> Self {
    Self { try XNES(from: $0, sigma: sigma, populationSize: populationSize, seed: seed) }
  }
}

extension EvolutionMethod where Strategy == OpenAIES {
  /// OpenAI's evolution strategy; see ``OpenAIES``.
  public static func openAIES(
    sigma: Double = 0.05, learningRate: Double = 0.02, populationSize: Int = 64, weightDecay: Double = 0,
    seed: UInt64 = 0
  ) -> Self {
    Self {
      try OpenAIES(
        from: $0, sigma: sigma, learningRate: learningRate, populationSize: populationSize, weightDecay: weightDecay,
        seed: seed)
    }
  }
}

extension EvolutionMethod where Strategy == PGPE {
  /// Policy gradients with parameter-based exploration; see ``PGPE``.
  public static func pgpe(
    sigma: Double = 0.1, populationSize: Int = 64, mostSpeed: Double? = nil, seed: UInt64 = 0
  ) -> Self {
    Self { try PGPE(from: $0, sigma: sigma, populationSize: populationSize, mostSpeed: mostSpeed, seed: seed) }
  }
}

extension EvolutionMethod where Strategy == OnePlusOneES {
  /// The (1+λ) evolution strategy; see ``OnePlusOneES``.
  public static func onePlusOne(sigma: Double = 0.1, offspring: Int = 1, seed: UInt64 = 0) -> Self {
    Self { try OnePlusOneES(from: $0, sigma: sigma, offspring: offspring, seed: seed) }
  }
}

extension EvolutionMethod where Strategy == DifferentialEvolution {
  /// Differential evolution, within so much of the first parameters; see ``DifferentialEvolution``.
  public static func differentialEvolution(
    reach: Double = 1, populationSize: Int = 100, evaluations: Int? = nil, seed: UInt64 = 0
  ) -> Self {
    Self {
      guard reach > 0, reach.isFinite else {
        throw SearchError("evolve", "a reach is positive, and \(reach) was given")
      }
      return try DifferentialEvolution(
        within: $0.map { ($0 - reach)...($0 + reach) }, populationSize: populationSize, evaluations: evaluations,
        seed: seed)
    }
  }
}

extension EvolutionMethod where Strategy == ParticleSwarm {
  /// Particle swarm optimization, within so much of the first parameters; see ``ParticleSwarm``.
  public static func particleSwarm(reach: Double = 1, populationSize: Int = 40, seed: UInt64 = 0) -> Self {
    Self {
      guard reach > 0, reach.isFinite else {
        throw SearchError("evolve", "a reach is positive, and \(reach) was given")
      }
      return try ParticleSwarm(
        within: $0.map { ($0 - reach)...($0 + reach) }, populationSize: populationSize, seed: seed)
    }
  }
}
