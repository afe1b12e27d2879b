import DescentGraph
import Foundation

/// Bayesian optimization with Gaussian processes: a model of each result, from what was measured, and an acquisition
/// function that says where measuring is worth the most.
///
/// The first trials fill the space evenly. From then on a process with a Matérn 5/2 kernel and a length scale for each
/// dimension is conditioned on all results, its parameters those of the largest posterior density, and the acquisition
/// function is maximized by gradients from many starts, with small moves of what is not continuous. Trials that have been
/// asked for and are not known yet count with several results that the model thinks possible. Measured constraints have
/// processes of their own, and multiply what a point is worth by the probability that it meets them. With several objectives,
/// the next trial is where the volume that the front dominates is expected to grow the most.
///
/// Numbers are modeled evenly on their scale, options one-hot, permutations by ranks.
///
/// - Complexity: O(n³) for n trials where parameters are fitted anew, O(n²) otherwise. For up to about a thousand trials.
public struct BayesianSampler: Sampler {
  /// What sets these trials apart from others.
  public var seed: UInt64
  /// How many trials, from the first, fill the space evenly.
  public var startup: Int
  /// How many trials may be asked for at a time.
  public var batch: Int
  /// What a point is worth with one objective.
  public var acquisition: Acquisition
  /// How alike results are.
  public var kernel: GaussianProcess.Kernel
  /// The worst values of the objectives that count toward the volume of a front, as many as there are objectives; where
  /// there are none, a tenth beyond the worst of the front.
  public var reference: [Double]?
  private let fits = FitMemory()

  /// Makes the method.
  ///
  /// - Parameters:
  ///   - seed: What sets these trials apart from others.
  ///   - startup: How many trials, from the first, fill the space evenly.
  ///   - batch: How many trials may be asked for at a time: as many workers have something to do. What is asked for side by
  ///     side knows less.
  ///   - acquisition: What a point is worth with one objective.
  ///   - kernel: How alike results are.
  ///   - reference: The worst values of the objectives that count toward the volume of a front.
  public init(
    seed: UInt64 = 0, startup: Int = 10, batch: Int = 1, acquisition: Acquisition = .logExpectedImprovement,
    kernel: GaussianProcess.Kernel = .matern52, reference: [Double]? = nil
  ) {
    self.seed = seed
    self.startup = startup
    self.batch = batch
    self.acquisition = acquisition
    self.kernel = kernel
    self.reference = reference
  }

  /// Such as `bayesian(seed: 1)`, with the acquisition function.
  public var name: String {
    "bayesian(seed: \(seed)), \(kernel == .matern52 ? "Matérn 5/2" : "RBF"), \(acquisition)"
  }

  /// As many as the batch.
  public var width: Int? { max(batch, 1) }

  /// All but those of the batch that are under way; the first trials need none.
  public func seen(by number: Int) -> Int {
    number < startup ? 0 : min(max(number - max(batch, 1) + 1, 0), number)
  }

  /// Refuses settings that make no sense.
  public func check(_ space: Space?, objectives: Int) throws {
    func refused(_ words: String) -> SearchError { SearchError("bayesian", words) }
    guard startup >= 2 else { throw refused("\(startup) trials before the first model, where at least 2 are needed") }
    guard batch >= 1 else { throw refused("batches of \(batch) trials, where at least 1 is needed") }
    if let reference, reference.count != objectives || !reference.allSatisfy(\.isFinite) {
      throw refused("the reference \(reference) for \(objectives) objectives, where each has a finite number")
    }
    switch acquisition {
    case .confidenceBound(let width) where !(width >= 0 && width.isFinite):
      throw refused("a bound of \(width) standard deviations, where 0 or more is needed")
    case .noisyExpectedImprovement(let samples) where !(1...1_000).contains(samples):
      throw refused("\(samples) samples for the noise, where 1 to 1000 are possible")
    default: break
    }
  }

  /// The parameters of a trial.
  public func settings(
    of number: Int, in space: [(name: String, domain: Domain)], given history: History
  ) throws -> Settings { try settings(of: number, in: space, with: [:], given: history) }

  /// One parameter, from a model of it alone.
  public func setting(
    of name: String, in domain: Domain, for number: Int, with others: Settings, given history: History
  ) throws -> Setting {
    let settings = try settings(of: number, in: [(name, domain)], with: others, given: history)
    return settings[name] ?? domain.setting(nearest: [])
  }

  private func settings(
    of number: Int, in parameters: [(name: String, domain: Domain)], with others: Settings, given history: History
  ) throws -> Settings {
    let space = FeatureSpace(parameters, within: history.space, others: others)
    let names = Set(parameters.map(\.name))
    func kept(_ features: [Double]) -> Settings { space.settings(features).filter { names.contains($0.key) } }
    var random = TrialRandom(seed: seed, trial: number, purpose: parameters.map(\.name).joined(separator: "\u{1f}"))
    if number < startup, let features = start(number, in: space) { return kept(features) }
    let objectives = history.isMinimized.count
    let observations = Observations(history, in: parameters, objectives: objectives)
    if number >= startup, observations.completed >= 2, space.width > 0 {
      let advice = Advice(sampler: self, space: space, fits: fits, isMinimized: history.isMinimized, number: number)
      if let features = try advice.features(observations, &random) { return kept(features) }
    }
    guard let features = space.random(&random) else {
      throw SearchError(
        "bayesian", "a hundred settings at random do not meet the constraints of the space; loosen them")
    }
    return kept(features)
  }

  /// A place of a Latin hypercube: in each direction, each of as many strata as there are first trials has one of them.
  private func start(_ number: Int, in space: FeatureSpace) -> [Double]? {
    var features: [Double] = []
    for (name, domain) in space.parameters {
      let coordinates = (0..<domain.coordinateCount).map { index in
        var order = TrialRandom(seed: seed, trial: -1, purpose: name, index: index)
        let stratum = (0..<startup).shuffled(using: &order)[number]
        var inside = TrialRandom(seed: seed, trial: number, purpose: name, index: index)
        return (Double(stratum) + inside.unit()) / Double(startup)
      }
      features += domain.features(of: domain.setting(at: coordinates))
    }
    return space.allows(features) ? features : nil
  }
}

extension Sampler where Self == BayesianSampler {
  /// Bayesian optimization with Gaussian processes.
  ///
  /// ```swift
  /// let study = try Study("digits", minimizing: "error", by: .bayesian(seed: 1))
  /// ```
  ///
  /// - Parameters:
  ///   - seed: What sets these trials apart from others.
  ///   - startup: How many trials, from the first, fill the space evenly.
  ///   - batch: How many trials may be asked for at a time: as many workers have something to do.
  ///   - acquisition: What a point is worth with one objective.
  ///   - kernel: How alike results are.
  ///   - reference: The worst values of the objectives that count toward the volume of a front.
  public static func bayesian(
    seed: UInt64 = 0, startup: Int = 10, batch: Int = 1, acquisition: Acquisition = .logExpectedImprovement,
    kernel: GaussianProcess.Kernel = .matern52, reference: [Double]? = nil
  ) -> BayesianSampler {
    BayesianSampler(
      seed: seed, startup: startup, batch: batch, acquisition: acquisition, kernel: kernel, reference: reference)
  }
}
