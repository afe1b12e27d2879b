import DescentGraph
import DescentMinimization
import DescentTensors
import Foundation

extension GaussianProcess {
  /// Conditions a process on values, with the parameters under which they are likely.
  ///
  /// Length scales, variances and mean are those of the largest posterior density, found by L-BFGS-B from several starts
  /// with gradients through the Cholesky decomposition. Priors keep them in reach where there are few values: the
  /// logarithms of the length scales and of the variances are normal, the length scales relative to the range of the
  /// points in each direction.
  ///
  /// - Parameters:
  ///   - values: The values.
  ///   - points: Where they were measured.
  ///   - kernel: How alike values are.
  ///   - restarts: From how many random starts parameters are looked for, besides the priors' own middle, without
  ///     and with noise.
  ///   - seed: The seed of these starts.
  /// - Throws: `SearchError` where counts do not fit or a number is not finite.
  /// - Complexity: O(n³) for each of some ten to a hundred evaluations.
  public init(
    fitting values: [Double], at points: [[Double]], kernel: Kernel = .matern52, restarts: Int = 2, seed: UInt64 = 0
  ) throws {
    let width = points.first?.count ?? 0
    let unit = Parameters(lengthScales: [Double](repeating: 1, count: max(width, 1)))
    // What is wrong with the arguments is told before anything is computed of them.
    _ = try GaussianProcess(values, at: points, kernel: kernel, parameters: unit.noisy)
    let scaling = Standardization(values)
    let ranges = (0..<width).map { place in
      let numbers = points.map { $0[place] }
      let range = (numbers.max() ?? 1) - (numbers.min() ?? 0)
      return range > 0 && range.isFinite ? range : 1
    }
    let scaled = points.map { zip($0, ranges).map { $0 / $1 } }
    let fit = GaussianFit(kernel: kernel, restarts: restarts, seed: seed)
    let logarithms = try fit.logarithms(Posterior.Points(scaled), values.map(scaling.standard))
    var parameters = Parameters(logarithms: logarithms, mean: scaling.mean)
    parameters.lengthScales = zip(parameters.lengthScales, ranges).map { $0 * $1 }
    parameters.signalVariance *= scaling.deviation * scaling.deviation
    parameters.noiseVariance *= scaling.deviation * scaling.deviation
    try self.init(values, at: points, kernel: kernel, parameters: parameters)
  }
}

extension GaussianProcess.Parameters {
  fileprivate var noisy: Self {
    var copy = self
    copy.noiseVariance = 1
    return copy
  }
}

/// Values on a scale where they have the mean 0 and the variance 1.
struct Standardization: Sendable, Hashable {
  let mean: Double
  let deviation: Double

  init(_ values: [Double]) {
    let count = Double(max(values.count, 1))
    // Of shares, so that large values do not overflow.
    let mean = values.reduce(0) { $0 + $1 / count }
    let size = values.map { abs($0 - mean) }.max() ?? 0
    guard size > 0, size.isFinite else {
      (self.mean, deviation) = (mean.isFinite ? mean : 0, 1)
      return
    }
    let variance = values.reduce(0) { $0 + (($1 - mean) / size) * (($1 - mean) / size) / count }
    (self.mean, deviation) = (mean, size * variance.squareRoot())
  }

  func standard(_ value: Double) -> Double { (value - mean) / deviation }
  func original(_ value: Double) -> Double { value * deviation + mean }
}

/// How parameters of a Gaussian process are found for standardized values at points of the unit cube.
struct GaussianFit: Sendable, Hashable {
  /// A normal distribution of a parameter's logarithm.
  struct Prior: Sendable, Hashable {
    let mean: Double
    let deviation: Double
    let range: ClosedRange<Double>
  }

  var kernel: GaussianProcess.Kernel
  var restarts: Int
  var seed: UInt64

  /// The priors of the logarithms: of each length scale, of the signal's and of the noise's variance.
  func priors(_ width: Int) -> [Prior] {
    let scale = Prior(mean: log(0.5), deviation: 1, range: log(0.02)...log(30))
    // Wide: a function that is smooth across the whole cube, such as a bowl, is a small part of one that varies over
    // distances and by amounts far larger. Held near 1, the variance holds the length scales below what such a function
    // has, and its valleys look less certain than they are.
    let signal = Prior(mean: 0, deviation: 2, range: log(0.02)...log(10_000))
    let noise = Prior(mean: log(1e-6), deviation: 4, range: log(1e-10)...log(1))
    return [Prior](repeating: scale, count: width) + [signal, noise]
  }

  /// The logarithms of the largest posterior density.
  ///
  /// - Parameter start: Where it is looked for; where there is none, from the priors' middle, from there with more
  ///   noise, and at random.
  func logarithms(
    _ points: Posterior.Points, _ targets: [Double], from given: [Double]? = nil
  ) throws -> [Double] {
    let priors = priors(points.width)
    let middle = priors.map(\.mean)
    // A rough function and a smooth one with noise explain the same values, and gradients do not lead from the one
    // to the other.
    var noisy = middle
    noisy[noisy.count - 1] = log(0.1)
    let starts = given.map { [$0] } ?? [noisy, middle] + (0..<max(restarts, 0)).map { drawn(priors, points.count, $0) }
    let objective = try LikelihoodObjective(points, targets, kernel, priors)
    var best: (value: Double, place: [Double])?
    for start in starts {
      guard let found = try objective.minimum(from: start) else { continue }
      if found.value < best?.value ?? .infinity { best = found }
    }
    return best?.place ?? middle
  }

  /// A start at random, for a number of points.
  private func drawn(_ priors: [Prior], _ count: Int, _ index: Int) -> [Double] {
    var random = TrialRandom(seed: seed, trial: count, purpose: "fit", index: index + 1)
    return priors.map { prior in
      let number = prior.mean + prior.deviation * random.normal()
      return min(max(number, prior.range.lowerBound), prior.range.upperBound)
    }
  }
}

/// The negative logarithm of the posterior density of parameters.
private final class LikelihoodObjective {
  private let plan: ArrayPlan
  private let data: [Buffer]
  private let priors: [GaussianFit.Prior]
  private var last: (place: [Double], value: Double, gradient: [Double])?

  init(
    _ points: Posterior.Points, _ targets: [Double], _ kernel: GaussianProcess.Kernel, _ priors: [GaussianFit.Prior]
  ) throws {
    self.priors = priors
    let capacity = GaussianPlans.capacity(points.count)
    plan = try GaussianPlans(
      .init(kernel: kernel, capacity: capacity, width: points.width, members: 1)
    ).likelihood()
    let mask = (0..<capacity).map { $0 < points.count ? 1.0 : 0 }
    data = [
      try .numbers(points.padded(to: capacity), capacity, points.width), try .numbers(mask, capacity),
      try .numbers(targets + [Double](repeating: 0, count: capacity - targets.count), capacity),
    ]
  }

  private func evaluate(_ place: [Double]) throws -> (value: Double, gradient: [Double]) {
    if let last, last.place == place { return (last.value, last.gradient) }
    let results = try plan.run([try .numbers(place, place.count)] + data)
    var (value, gradient) = (results[0][0], results[1])
    for (index, prior) in priors.enumerated() {
      let distance = (place[index] - prior.mean) / prior.deviation
      value += 0.5 * distance * distance
      gradient[index] += distance / prior.deviation
    }
    last = (place, value, gradient)
    return (value, gradient)
  }

  /// The minimum that a start leads to; `nil` where there is none.
  func minimum(from start: [Double]) throws -> (value: Double, place: [Double])? {
    let function = NumericFunction {
      try self.evaluate($0).value
    } gradient: {
      try self.evaluate($0).gradient
    }
    let set = FeasibleSet.box(
      lower: Tensor(priors.map(\.range.lowerBound), .float64), upper: Tensor(priors.map(\.range.upperBound), .float64))
    let stopping = Stopping(gradient: 1e-3, valueChange: 1e-7, iterations: 60)
    do {
      let found = try minimize(function, from: start, by: .lbfgsb(), within: set, stopping: stopping)
      return (found.value, found.numbers)
    } catch let error as MinimizationError {
      // Where covariances cannot be decomposed, another start may lead further.
      return error.value.isFinite ? (error.value, error.best) : nil
    }
  }
}
