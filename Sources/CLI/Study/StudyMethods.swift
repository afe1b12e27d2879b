import Descent

/// The methods by the names that the command line has for them.
enum StudyMethods {
  /// What a method is made with.
  struct Settings {
    var seed: UInt64
    var trials: Int
    /// How many trials may be asked for side by side.
    var batch: Int
    /// How many values of a range a grid has.
    var points: Int
  }

  static let all: [(name: String, make: @Sendable (Settings) -> any Sampler)] = [
    ("random", { RandomSampler.random(seed: $0.seed) }), ("sobol", { SequenceSampler.sobol(seed: $0.seed) }),
    ("halton", { SequenceSampler.halton(seed: $0.seed) }),
    ("latin-hypercube", { SequenceSampler.latinHypercube(count: $0.trials, seed: $0.seed) }),
    ("grid", { ExhaustiveSampler.grid(points: $0.points) }), ("brute-force", { _ in ExhaustiveSampler.bruteForce() }),
    ("tpe", { TPESampler.tpe(seed: $0.seed, batch: $0.batch) }),
    ("bayesian", { BayesianSampler.bayesian(seed: $0.seed, batch: $0.batch) }),
    ("cma-es", { EvolutionSampler.cmaES(seed: $0.seed) }),
    ("cma-es-bipop", { EvolutionSampler.cmaES(restarts: .twoPopulations, seed: $0.seed) }),
    ("xnes", { EvolutionSampler.xnes(seed: $0.seed) }), ("snes", { EvolutionSampler.snes(seed: $0.seed) }),
    ("differential-evolution", { EvolutionSampler.differentialEvolution(seed: $0.seed) }),
    ("particle-swarm", { EvolutionSampler.particleSwarm(seed: $0.seed) }),
    ("genetic", { EvolutionSampler.genetic(seed: $0.seed) }),
    ("annealing", { EvolutionSampler.annealing(trials: $0.trials, seed: $0.seed) }),
    ("nsga2", { EvolutionSampler.nsga2(seed: $0.seed) }),
  ]

  static var names: String { all.map(\.name).joined(separator: ", ") }

  static func method(_ name: String) -> (@Sendable (Settings) -> any Sampler)? {
    all.first { $0.name == name }?.make
  }
}
