/// How CMA-ES goes on where a search has come to an end.
public enum Restarts: String, Hashable, Sendable, Codable {
  /// It does not.
  case none
  /// With a population twice as large (IPOP).
  case increasing
  /// With larger and larger populations and small ones in turns (BIPOP).
  case twoPopulations
}

extension Sampler where Self == EvolutionSampler {
  /// CMA-ES over the unit cube of the parameters; integers and switches keep a margin.
  ///
  /// - Parameters:
  ///   - start: The middle of the first generation; the middle of the space where a parameter is missing.
  ///   - sigma: The first standard deviation, as a share of each parameter's range.
  ///   - restarts: How it goes on where a search has come to an end.
  ///   - populationSize: How many trials a generation has, all of which may run at the same time; where `nil`, 4 + ⌊3 ln n⌋
  ///     rounded up to a multiple of four, of which four may.
  ///   - covariance: Which covariances there can be.
  ///   - seed: What sets these trials apart from others.
  public static func cmaES(
    from start: Settings = [:], sigma: Double = 0.3, restarts: Restarts = .none, populationSize: Int? = nil,
    covariance: CMAES.Covariance = .automatic, seed: UInt64 = 0
  ) -> EvolutionSampler {
    EvolutionSampler.cmaES(
      from: start, sigma: sigma, restarts: restarts, populationSize: populationSize, covariance: covariance, seed: seed)
  }

  /// The exponential natural evolution strategy; see ``XNES``, and `cmaES` for the parameters.
  public static func xnes(
    from start: Settings = [:], sigma: Double = 0.3, populationSize: Int? = nil, seed: UInt64 = 0
  ) -> EvolutionSampler {
    EvolutionSampler.naturalEvolution(
      "xnes", from: start, sigma: sigma, populationSize: populationSize, isSeparable: false, seed: seed)
  }

  /// The separable natural evolution strategy; see ``SNES``, and `cmaES` for the parameters.
  public static func snes(
    from start: Settings = [:], sigma: Double = 0.3, populationSize: Int? = nil, seed: UInt64 = 0
  ) -> EvolutionSampler {
    EvolutionSampler.naturalEvolution(
      "snes", from: start, sigma: sigma, populationSize: populationSize, isSeparable: true, seed: seed)
  }

  /// OpenAI's evolution strategy; see ``OpenAIES``. Sigma and the learning rate are shares of each parameter's range.
  public static func openAIES(
    from start: Settings = [:], sigma: Double = 0.1, learningRate: Double = 0.05, populationSize: Int = 20,
    seed: UInt64 = 0
  ) -> EvolutionSampler {
    EvolutionSampler.openAIES(
      from: start, sigma: sigma, learningRate: learningRate, populationSize: populationSize, seed: seed)
  }

  /// Policy gradients with parameter-based exploration; see ``PGPE``. Sigma is a share of each parameter's range.
  public static func pgpe(
    from start: Settings = [:], sigma: Double = 0.2, populationSize: Int = 20, seed: UInt64 = 0
  ) -> EvolutionSampler { EvolutionSampler.pgpe(from: start, sigma: sigma, populationSize: populationSize, seed: seed) }

  /// The (1+λ) evolution strategy; see ``OnePlusOneES``. Sigma is a share of each parameter's range.
  public static func onePlusOne(
    from start: Settings = [:], sigma: Double = 0.3, offspring: Int = 1, seed: UInt64 = 0
  ) -> EvolutionSampler { EvolutionSampler.onePlusOne(from: start, sigma: sigma, offspring: offspring, seed: seed) }

  /// Differential evolution with adaptation from successes; see ``DifferentialEvolution``.
  ///
  /// - Parameters:
  ///   - populationSize: How many trials the first generation has; 4 n + 8, and 60 at most, for n coordinates where `nil`.
  ///   - trials: How many trials there will be, by when the population has shrunk to four; `nil` where it keeps its size.
  ///   - seed: What sets these trials apart from others.
  public static func differentialEvolution(
    populationSize: Int? = nil, trials: Int? = nil, seed: UInt64 = 0
  ) -> EvolutionSampler {
    EvolutionSampler.differentialEvolution(populationSize: populationSize, trials: trials, seed: seed)
  }

  /// Particle swarm optimization; see ``ParticleSwarm``.
  public static func particleSwarm(
    populationSize: Int = 20, neighborhood: ParticleSwarm.Neighborhood = .all, seed: UInt64 = 0
  ) -> EvolutionSampler {
    EvolutionSampler.particleSwarm(populationSize: populationSize, neighborhood: neighborhood, seed: seed)
  }

  /// A genetic algorithm; see ``GeneticAlgorithm``.
  public static func genetic(
    populationSize: Int = 20, elites: Int = 2, tournament: Int = 3, operators: GeneticOperators = GeneticOperators(),
    seed: UInt64 = 0
  ) -> EvolutionSampler {
    EvolutionSampler("genetic(populationSize: \(populationSize), seed: \(seed))", width: populationSize, seed: seed) {
      try GeneticAlgorithm(
        Genome($0), populationSize: populationSize, elites: elites, tournament: tournament, operators: operators,
        seed: seed)
    }
  }

  /// Simulated annealing; see ``SimulatedAnnealing``.
  ///
  /// - Parameters:
  ///   - trials: How many trials there will be, by when the temperature has fallen.
  ///   - temperature: The first temperature, in the units of values; from the first values where `nil`.
  ///   - chains: How many chains there are, whose trials may run at the same time.
  ///   - seed: What sets these trials apart from others.
  public static func annealing(
    trials: Int = 1_000, temperature: Double? = nil, chains: Int = 1, seed: UInt64 = 0
  ) -> EvolutionSampler {
    EvolutionSampler("annealing(trials: \(trials), chains: \(chains), seed: \(seed))", width: chains, seed: seed) {
      try SimulatedAnnealing(
        Genome($0), steps: max(1, trials / max(chains, 1)), temperature: temperature, cooling: 1e-4, reach: 0.2,
        chains: chains, warmUp: 10, orderMutation: .inversion, seed: seed)
    }
  }

  /// NSGA-II, for several objectives and measured constraints; see ``NSGA2``.
  public static func nsga2(
    populationSize: Int = 40, operators: GeneticOperators = GeneticOperators(), seed: UInt64 = 0
  ) -> EvolutionSampler {
    EvolutionSampler(
      "nsga2(populationSize: \(populationSize), seed: \(seed))", width: populationSize, seed: seed,
      severalObjectives: true
    ) { try NSGA2(Genome($0), populationSize: populationSize, operators: operators, seed: seed) }
  }
}
