import Foundation

/// The next place of one trial, from what is known: models, the acquisition function, its maximum.
struct Advice {
  let sampler: BayesianSampler
  let space: FeatureSpace
  let fits: FitMemory
  let isMinimized: [Bool]
  let number: Int

  /// How many possible results pending trials are given.
  private static let pasts = 8

  /// The features of the next place; `nil` where nothing new was found.
  func features(_ observations: Observations, _ random: inout TrialRandom) throws -> [Double]? {
    let objectives = isMinimized.count
    let scaled = (0..<objectives).map { Scaled(observations.objective($0)) }
    let constraints = try (0..<(observations.violations.first?.count ?? 0)).map { column in
      try constraintModel(observations, column)
    }
    let function: AcquisitionFunction
    if objectives == 1 {
      function = try single(observations, scaled[0], constraints, &random)
    } else {
      function = try several(observations, scaled, constraints)
    }
    var taken = Set((0..<observations.points.count).map { observations.points[$0] })
    taken.formUnion(observations.pending)
    var search = AcquisitionSearch(space: space, function: function)
    // Where much is known, a step costs more, and fewer hills are left.
    if observations.points.count > 128 { (search.starts, search.evaluations) = (5, 60) }
    return try search.best(near: leaders(observations, scaled), except: taken, &random)
  }

  /// Targets with the mean 0 and the variance 1.
  private struct Scaled {
    let scaling: Standardization
    let targets: [Double]

    init(_ values: [Double]) {
      scaling = Standardization(values)
      targets = values.map(scaling.standard)
    }
  }

  private var fit: GaussianFit { GaussianFit(kernel: sampler.kernel, restarts: 1, seed: sampler.seed) }

  private func logarithms(_ observations: Observations, _ values: [Double]) throws -> [Double] {
    try fits.logarithms(fit, observations.points, values)
  }

  /// A model of a constraint, on its own scale: what is at most zero meets it, and zero has to stay where it is.
  private func constraintModel(_ observations: Observations, _ column: Int) throws -> Posterior {
    let values = observations.violation(column)
    let scaling = Standardization(values)
    return try Posterior.steady(
      observations.points, targets: values.map { [scaling.standard($0)] }, sampler.kernel,
      try logarithms(observations, values), shift: scaling.mean / scaling.deviation)
  }

  // MARK: One objective

  private func single(
    _ observations: Observations, _ scaled: Scaled, _ constraints: [Posterior], _ random: inout TrialRandom
  ) throws -> AcquisitionFunction {
    let logarithms = try logarithms(observations, observations.objective(0))
    let isFeasible = observations.isFeasible
    func best(_ targets: [Double]) -> Double? { zip(targets, isFeasible).filter(\.1).map(\.0).min() }
    guard let known = best(scaled.targets) else {
      // Where nothing meets the constraints, something has to.
      let model = try Posterior.steady(
        observations.points, targets: scaled.targets.map { [$0] }, sampler.kernel, logarithms)
      return AcquisitionFunction(
        models: [model] + constraints, score: FeasibilityScore(objective: nil, first: 1))
    }
    let acquisition = constraints.isEmpty ? sampler.acquisition : sampler.acquisition.underConditions
    let model: Posterior
    var bests = [known]
    var path: FourierPath?
    switch acquisition {
    case .noisyExpectedImprovement(let samples):
      (model, bests) = try noisy(observations, scaled.targets, isFeasible, logarithms, samples, &random)
    case .thompsonSampling:
      (model, path) = try drawn(observations, scaled.targets, logarithms, &random)
    default:
      (model, bests) = try believing(observations, scaled.targets, known, logarithms, &random)
    }
    let improvement = ImprovementScore(acquisition: acquisition, best: bests)
    let score: any PointScore =
      constraints.isEmpty ? improvement : FeasibilityScore(objective: improvement, first: 1)
    return AcquisitionFunction(models: [model] + constraints, score: score, path: path)
  }

  /// A model for each of several results that pending trials may have: the expected improvement over all of them is that of
  /// the batch (Snoek, Larochelle and Adams, 2012).
  private func believing(
    _ observations: Observations, _ targets: [Double], _ known: Double, _ logarithms: [Double],
    _ random: inout TrialRandom
  ) throws -> (Posterior, [Double]) {
    let plain = try Posterior.steady(observations.points, targets: targets.map { [$0] }, sampler.kernel, logarithms)
    guard !observations.pending.isEmpty else { return (plain, [known]) }
    let joint = try plain.joint(at: Posterior.Points(observations.pending))
    let draws = (0..<Self.pasts).map { _ in finite(joint.sample(member: 0, &random), or: known) }
    let rows =
      targets.map { [Double](repeating: $0, count: Self.pasts) }
      + observations.pending.indices.map { row in draws.map { $0[row] } }
    let model = try Posterior.steady(
      observations.points.appending(observations.pending), targets: rows, sampler.kernel, logarithms)
    return (model, draws.map { min(known, $0.min() ?? known) })
  }

  private func finite(_ numbers: [Double], or other: Double) -> [Double] { numbers.map { $0.isFinite ? $0 : other } }

  /// A model without noise for each of several functions that fit the results.
  private func noisy(
    _ observations: Observations, _ targets: [Double], _ isFeasible: [Bool], _ logarithms: [Double], _ samples: Int,
    _ random: inout TrialRandom
  ) throws -> (Posterior, [Double]) {
    let plain = try Posterior.steady(observations.points, targets: targets.map { [$0] }, sampler.kernel, logarithms)
    let places = observations.points.appending(observations.pending)
    let joint = try plain.joint(at: places)
    let fallback = targets + observations.pending.map { _ in 0 }
    let draws = (0..<samples).map { _ in
      let draw = joint.sample(member: 0, &random)
      return draw.allSatisfy(\.isFinite) ? draw : fallback
    }
    var exact = logarithms
    exact[exact.count - 1] = min(exact[exact.count - 1], exact[exact.count - 2] + log(1e-6))
    let model = try Posterior.steady(
      places, targets: (0..<places.count).map { row in draws.map { $0[row] } }, sampler.kernel, exact)
    let counts = isFeasible + observations.pending.map { _ in true }
    return (model, draws.map { draw in zip(draw, counts).filter(\.1).map(\.0).min() ?? 0 })
  }

  /// The correction of a drawn function by what was measured: Matheron's rule.
  private func drawn(
    _ observations: Observations, _ targets: [Double], _ logarithms: [Double], _ random: inout TrialRandom
  ) throws -> (Posterior, FourierPath) {
    let path = FourierPath(sampler.kernel, logarithms, &random)
    let noise = exp(logarithms[logarithms.count - 1] / 2)
    let rest = targets.enumerated().map { row, target in
      target - path.value(at: observations.points[row][...]).value - noise * random.normal()
    }
    let model = try Posterior.steady(observations.points, targets: rest.map { [$0] }, sampler.kernel, logarithms)
    return (model, path)
  }

  // MARK: Several objectives

  private func several(
    _ observations: Observations, _ scaled: [Scaled], _ constraints: [Posterior]
  ) throws -> AcquisitionFunction {
    var models: [Posterior] = []
    var believed: [[Double]] = []
    for (column, scaled) in scaled.enumerated() {
      let logarithms = try logarithms(observations, observations.objective(column))
      var model = try Posterior.steady(
        observations.points, targets: scaled.targets.map { [$0] }, sampler.kernel, logarithms)
      if !observations.pending.isEmpty {
        // Pending trials count with their means.
        let means = try model.moments(at: observations.pending.flatMap { $0 }).means
        believed.append(means)
        model = try Posterior.steady(
          observations.points.appending(observations.pending), targets: (scaled.targets + means).map { [$0] },
          sampler.kernel, logarithms)
      }
      models.append(model)
    }
    let isFeasible = observations.isFeasible
    let rows = observations.values.indices.filter { isFeasible[$0] }
    guard !rows.isEmpty else {
      return AcquisitionFunction(
        models: models + constraints, score: FeasibilityScore(objective: nil, first: models.count))
    }
    var points = rows.map { row in scaled.map { $0.targets[row] } }
    for row in observations.pending.indices { points.append(believed.map { $0[row] }) }
    let front = (nonDominatedFronts(of: points).first ?? []).map { points[$0] }
    let reference = reference(front, points, scaled)
    let inside = front.filter { point in zip(point, reference).allSatisfy { $0 < $1 } }
    let growth = HypervolumeScore(front: inside, reference: reference)
    let score: any PointScore =
      constraints.isEmpty ? growth : FeasibilityScore(objective: growth, first: models.count)
    return AcquisitionFunction(models: models + constraints, score: score)
  }

  /// The worst values that count, on the targets' scale.
  private func reference(_ front: [[Double]], _ points: [[Double]], _ scaled: [Scaled]) -> [Double] {
    if let given = sampler.reference, given.count == scaled.count {
      return zip(zip(given, isMinimized), scaled).map { value, scaled in
        scaled.scaling.standard(value.1 ? value.0 : -value.0)
      }
    }
    return scaled.indices.map { column in
      let (values, all) = (front.map { $0[column] }, points.map { $0[column] })
      let (least, most) = (values.min() ?? 0, values.max() ?? 0)
      // A front of one point has no range of its own.
      let range = most > least ? most - least : max((all.max() ?? 0) - least, 1e-9)
      return most + 0.1 * range
    }
  }

  /// The features of good trials, best first.
  private func leaders(_ observations: Observations, _ scaled: [Scaled]) -> [[Double]] {
    let isFeasible = observations.isFeasible
    let rows = isFeasible.contains(true) ? isFeasible.indices.filter { isFeasible[$0] } : Array(isFeasible.indices)
    if scaled.count == 1 {
      let order = rows.sorted { (scaled[0].targets[$0], $0) < (scaled[0].targets[$1], $1) }
      return order.prefix(2).map { observations.points[$0] }
    }
    let points = rows.map { row in scaled.map { $0.targets[row] } }
    let front = (nonDominatedFronts(of: points).first ?? []).map { rows[$0] }
    var random = TrialRandom(seed: sampler.seed, trial: number, purpose: "leaders")
    return front.shuffled(using: &random).prefix(4).map { observations.points[$0] }
  }
}
