import DescentData

/// Particle swarm optimization: particles fly through a box, drawn to the best point that each of them found, and to the
/// best one that its neighbors found.
///
/// Only the order of values counts. The numbers are those of Clerc and Kennedy (*The particle swarm: explosion, stability,
/// and convergence*, 2002); a particle that meets a bound stops there.
public struct ParticleSwarm: EvolutionStrategy, Hashable {
  /// Whose best point draws a particle.
  public enum Neighborhood: Hashable, Sendable, Codable {
    /// That of all particles: soon at one minimum.
    case all
    /// That of so many particles on either side, on a ring: slower, and less often at a wrong minimum.
    case ring(Int = 1)
  }

  /// How many particles there are.
  public let populationSize: Int
  /// Whose best point draws a particle.
  public let neighborhood: Neighborhood
  /// The share of its velocity that a particle keeps.
  public let inertia: Double
  /// How strongly a particle's own best point draws it.
  public let cognition: Double
  /// How strongly its neighbors' best point draws it.
  public let sociality: Double
  /// What sets its random numbers apart from others.
  public let seed: UInt64
  /// How many generations have been told.
  public private(set) var generation = 0
  /// The best individual of all generations.
  public private(set) var best: Evaluated<[Double]>?

  private let lows: [Double]
  private let highs: [Double]
  private var particles: [Particle] = []

  private struct Particle: Hashable, Sendable, Codable {
    var position: [Double]
    var velocity: [Double]
    var best: Evaluated<[Double]>
  }

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - bounds: Where the minimum has to lie in each coordinate; finite.
  ///   - populationSize: How many particles there are.
  ///   - neighborhood: Whose best point draws a particle.
  ///   - inertia: The share of its velocity that a particle keeps.
  ///   - cognition: How strongly a particle's own best point draws it.
  ///   - sociality: How strongly its neighbors' best point draws it.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    within bounds: [ClosedRange<Double>], populationSize: Int = 40, neighborhood: Neighborhood = .all,
    inertia: Double = 0.7298, cognition: Double = 1.49618, sociality: Double = 1.49618, seed: UInt64 = 0
  ) throws {
    let name = "ParticleSwarm"
    (lows, highs) = try BoundedSwarm.corners(bounds, of: name)
    guard populationSize >= 2, populationSize <= 1 << 30 else {
      throw SearchError(name, "a swarm has 2 particles or more, and \(populationSize) were asked for")
    }
    guard [inertia, cognition, sociality].allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw SearchError(
        name, "inertia and attractions are not negative; \(inertia), \(cognition) and \(sociality) were given")
    }
    if case .ring(let side) = neighborhood, side < 1 {
      throw SearchError(name, "a ring has one neighbor or more on either side, and \(side) were asked for")
    }
    (self.populationSize, self.neighborhood, self.seed) = (populationSize, neighborhood, seed)
    (self.inertia, self.cognition, self.sociality) = (inertia, cognition, sociality)
  }

  /// One individual of the present generation: a particle's position.
  public func individual(_ index: Int) -> [Double] { moved(index).position }

  private func moved(_ index: Int) -> (position: [Double], velocity: [Double]) {
    var random = ElementRandom(seed: seed, generation: generation, member: index)
    guard !particles.isEmpty else {
      let position = lows.indices.map { lows[$0] + (highs[$0] - lows[$0]) * random.unit() }
      let velocity = lows.indices.map { place in
        (lows[place] + (highs[place] - lows[place]) * random.unit() - position[place]) / 2
      }
      return (position, velocity)
    }
    let place = max(index, 0) % particles.count
    let (particle, leader) = (particles[place], leader(of: place))
    var (position, velocity) = (particle.position, particle.velocity)
    for place in position.indices {
      let own = cognition * random.unit() * (particle.best.individual[place] - position[place])
      let others = sociality * random.unit() * (leader[place] - position[place])
      velocity[place] = inertia * velocity[place] + own + others
      position[place] += velocity[place]
      if position[place] < lows[place] || position[place] > highs[place] {
        position[place] = min(max(position[place], lows[place]), highs[place])
        velocity[place] = 0
      }
    }
    return (position, velocity)
  }

  private func leader(of index: Int) -> [Double] {
    let count = particles.count
    let neighbors: [Int]
    switch neighborhood {
    case .all: neighbors = Array(0..<count)
    case .ring(let side):
      let reach = min(side, count / 2)
      neighbors = (-reach...reach).map { (index + $0 + count) % count }
    }
    var leader = neighbors[0]
    for neighbor in neighbors
    where particles[neighbor].best.outcome.isBetter(than: particles[leader].best.outcome) {
      leader = neighbor
    }
    return particles[leader].best.individual
  }

  /// Moves the particles to where they were evaluated, and takes note of what they found.
  ///
  /// - Complexity: O(λ · n).
  public mutating func advance(_ results: [Evaluated<[Double]>]) throws {
    try NaturalEvolution.check("ParticleSwarm", results, populationSize, lows.count)
    best = results.best(after: best)
    var next: [Int: Particle] = [:]
    for (index, result) in zip(BoundedSwarm.places(of: results), results) {
      let (_, velocity) = moved(index)
      let found = Evaluated(result.individual, result.outcome)
      guard !particles.isEmpty else {
        next[index] = Particle(position: result.individual, velocity: velocity, best: found)
        continue
      }
      let before = particles[index].best
      next[index] = Particle(
        position: result.individual, velocity: velocity,
        best: result.outcome.isBetter(than: before.outcome) ? found : before)
    }
    particles = next.sorted { $0.key < $1.key }.map(\.value)
    generation += 1
  }
}

extension ParticleSwarm {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("ParticleSwarm", decoder, by: CodingKeys.self)
    let bounds = try reader.box(.lows, .highs)
    try self.init(
      within: bounds, populationSize: try reader.value(.populationSize), neighborhood: try reader.value(.neighborhood),
      inertia: try reader.value(.inertia), cognition: try reader.value(.cognition),
      sociality: try reader.value(.sociality), seed: try reader.value(.seed))
    generation = try reader.count(.generation)
    best = try reader.evaluated(.best, count: bounds.count)
    particles = try reader.value(.particles)
    try reader.check(
      particles.isEmpty || particles.count == populationSize, .particles, "are \(populationSize) or none",
      found: particles.count)
    for particle in particles {
      for numbers in [particle.position, particle.velocity, particle.best.individual] {
        try reader.check(numbers, count: bounds.count, .particles)
      }
    }
  }
}
