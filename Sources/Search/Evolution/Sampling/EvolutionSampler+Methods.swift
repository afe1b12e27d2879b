extension EvolutionSampler {
  /// How many trials are asked for at a time where the population's size follows from the space: populations are then
  /// multiples of it.
  private static let unit = 4

  private static func title(_ method: String, _ settings: [(String, String?)], seed: UInt64) -> String {
    let words = settings.compactMap { name, value in value.map { "\(name): \($0)" } } + ["seed: \(seed)"]
    return "\(method)(\(words.joined(separator: ", ")))"
  }

  /// How many individuals a generation has for so many coordinates.
  private static func size(_ given: Int?, _ count: Int) -> Int {
    given ?? (CMAES.Parameters.defaultPopulationSize(count) + unit - 1) / unit * unit
  }

  private static func encoded<Strategy: EvolutionStrategy<[Double]>>(
    _ space: [(name: String, domain: Domain)], from start: Settings,
    _ make: (SpaceEncoding, [Double]) throws -> Strategy
  ) throws -> any EvolutionStrategy<Settings> {
    let encoding = SpaceEncoding(space)
    return EncodedStrategy(encoding, try make(encoding, encoding.point(start)))
  }

  static func cmaES(
    from start: Settings, sigma: Double, restarts: Restarts, populationSize: Int?, covariance: CMAES.Covariance,
    seed: UInt64
  ) -> EvolutionSampler {
    let title = title(
      "cmaES",
      [
        ("restarts", restarts == .none ? nil : restarts.rawValue),
        ("populationSize", populationSize.map(String.init)),
        ("covariance", covariance == .automatic ? nil : covariance.rawValue),
      ], seed: seed)
    return EvolutionSampler(title, width: populationSize ?? unit, seed: seed) { space in
      guard restarts != .none else {
        return try encoded(space, from: start) { encoding, point in
          try CMAES(
            from: point, sigma: sigma, scales: nil, bounds: encoding.bounds, axes: encoding.axes,
            populationSize: size(populationSize, encoding.count), covariance: covariance, isActive: true, seed: seed)
        }
      }
      return try encoded(space, from: start) { encoding, point in
        try RestartedCMAES(
          from: point, sigma: sigma, policy: restarts == .twoPopulations ? .twoPopulations : .increasing(), scales: nil,
          bounds: encoding.bounds, axes: encoding.axes, populationSize: size(populationSize, encoding.count),
          unit: populationSize ?? unit, covariance: covariance, isActive: true, seed: seed)
      }
    }
  }

  static func naturalEvolution(
    _ method: String, from start: Settings, sigma: Double, populationSize: Int?, isSeparable: Bool, seed: UInt64
  ) -> EvolutionSampler {
    let title = title(method, [("populationSize", populationSize.map(String.init))], seed: seed)
    return EvolutionSampler(title, width: populationSize ?? unit, seed: seed) { space in
      guard isSeparable else {
        return try encoded(space, from: start) { encoding, point in
          try XNES(
            from: point, sigma: sigma, bounds: encoding.bounds, populationSize: size(populationSize, encoding.count),
            seed: seed)
        }
      }
      return try encoded(space, from: start) { encoding, point in
        try SNES(
          from: point, sigma: sigma, bounds: encoding.bounds, populationSize: size(populationSize, encoding.count),
          seed: seed)
      }
    }
  }

  static func openAIES(
    from start: Settings, sigma: Double, learningRate: Double, populationSize: Int, seed: UInt64
  ) -> EvolutionSampler {
    let even = populationSize % 2 == 0 ? populationSize : populationSize &+ 1
    let title = title("openAIES", [("populationSize", "\(even)")], seed: seed)
    return EvolutionSampler(title, width: even, seed: seed) { space in
      try encoded(space, from: start) { encoding, point in
        try OpenAIES(
          from: point, sigma: sigma, learningRate: learningRate, bounds: encoding.bounds, populationSize: even,
          seed: seed)
      }
    }
  }

  static func pgpe(from start: Settings, sigma: Double, populationSize: Int, seed: UInt64) -> EvolutionSampler {
    let even = populationSize % 2 == 0 ? populationSize : populationSize &+ 1
    let title = title("pgpe", [("populationSize", "\(even)")], seed: seed)
    return EvolutionSampler(title, width: even, seed: seed) { space in
      try encoded(space, from: start) { encoding, point in
        try PGPE(from: point, sigma: sigma, bounds: encoding.bounds, populationSize: even, seed: seed)
      }
    }
  }

  static func onePlusOne(from start: Settings, sigma: Double, offspring: Int, seed: UInt64) -> EvolutionSampler {
    let title = title("onePlusOne", [("offspring", offspring == 1 ? nil : "\(offspring)")], seed: seed)
    return EvolutionSampler(title, width: offspring, seed: seed) { space in
      try encoded(space, from: start) { encoding, point in
        try OnePlusOneES(from: point, sigma: sigma, bounds: encoding.bounds, offspring: offspring, seed: seed)
      }
    }
  }

  static func differentialEvolution(populationSize: Int?, trials: Int?, seed: UInt64) -> EvolutionSampler {
    let title = title(
      "differentialEvolution",
      [("populationSize", populationSize.map(String.init)), ("trials", trials.map(String.init))], seed: seed)
    // A population that shrinks comes in the same portions throughout.
    let isConstant = populationSize != nil && trials == nil
    return EvolutionSampler(title, width: isConstant ? populationSize ?? unit : unit, seed: seed) { space in
      try encoded(space, from: [:]) { encoding, _ in
        try DifferentialEvolution(
          within: encoding.bounds, populationSize: populationSize ?? min(4 * encoding.count + 8, 60),
          evaluations: trials, unit: isConstant ? 1 : unit, seed: seed)
      }
    }
  }

  static func particleSwarm(
    populationSize: Int, neighborhood: ParticleSwarm.Neighborhood, seed: UInt64
  ) -> EvolutionSampler {
    let title = title("particleSwarm", [("populationSize", "\(populationSize)")], seed: seed)
    return EvolutionSampler(title, width: populationSize, seed: seed) { space in
      try encoded(space, from: [:]) { encoding, _ in
        try ParticleSwarm(
          within: encoding.bounds, populationSize: populationSize, neighborhood: neighborhood, seed: seed)
      }
    }
  }
}
