import DescentGraph
import DescentTensors
import Foundation

/// A distribution over functions, conditioned on values at some points: at every other point a mean and a variance.
///
/// ```swift
/// let process = try GaussianProcess(fitting: [0, 1, 0.5], at: [[0], [0.5], [1]])
/// let (means, variances) = try process.prediction(at: [[0.25], [0.75]])
/// ```
///
/// All is computed in Float64. Source: Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, algorithm
/// 2.1.
public struct GaussianProcess: Sendable {
  /// What a process knows before it sees values.
  public struct Parameters: Sendable, Hashable, Codable {
    /// For each number of a point how far apart two points lie whose values have little to do with each other.
    public var lengthScales: [Double]
    /// The variance of the function around its mean.
    public var signalVariance: Double
    /// The variance of what is measured around the function.
    public var noiseVariance: Double
    /// The function's mean.
    public var mean: Double

    /// Makes parameters.
    public init(
      lengthScales: [Double], signalVariance: Double = 1, noiseVariance: Double = 1e-6, mean: Double = 0
    ) {
      self.lengthScales = lengthScales
      self.signalVariance = signalVariance
      self.noiseVariance = noiseVariance
      self.mean = mean
    }
  }

  /// How alike values are.
  public let kernel: Kernel
  /// What the process knows before it sees values.
  public let parameters: Parameters
  /// The logarithm of the density of the values under the parameters.
  public let logMarginalLikelihood: Double
  /// The process in numbers.
  let posterior: Posterior

  /// Conditions a process on values.
  ///
  /// - Parameters:
  ///   - values: The values.
  ///   - points: Where they were measured, one point for each; all have as many numbers.
  ///   - kernel: How alike values are.
  ///   - parameters: What the process knows before it sees them.
  /// - Throws: `SearchError` where counts do not fit, a number is not finite, or the covariances are not positive definite,
  ///   such as of points that are given twice without noise.
  /// - Complexity: O(n³) for n points.
  public init(
    _ values: [Double], at points: [[Double]], kernel: Kernel = .matern52, parameters: Parameters
  ) throws {
    try Self.check(values, points, parameters)
    self.kernel = kernel
    self.parameters = parameters
    posterior = try Posterior(
      Posterior.Points(points), targets: values.map { [$0 - parameters.mean] }, kernel, parameters.logarithms)
    guard posterior.isPositive else {
      throw SearchError(
        "GaussianProcess",
        "the covariances of \(points.count) points are not positive definite with the noise variance "
          + "\(parameters.noiseVariance): points that lie together need more noise")
    }
    logMarginalLikelihood = posterior.logLikelihoods[0]
  }

  /// The means and variances of the function at some points, without the noise of measuring.
  ///
  /// - Throws: `SearchError` where a point has another number of numbers.
  /// - Complexity: O(n²) for each point.
  public func prediction(at points: [[Double]]) throws -> (means: [Double], variances: [Double]) {
    let moments = try posterior.moments(at: try Self.flat(points, parameters.lengthScales.count))
    return (moments.means.map { $0 + parameters.mean }, moments.variances)
  }

  /// Functions that the process thinks possible, at some points: for each function its value at each of them.
  ///
  /// - Parameters:
  ///   - count: How many functions.
  ///   - points: The points.
  ///   - seed: The seed of the random numbers.
  /// - Throws: `SearchError` where a point has another number of numbers, or covariances are not positive definite.
  /// - Complexity: O(n²·m + n·m² + m³) for m points.
  public func samples(_ count: Int, at points: [[Double]], seed: UInt64) throws -> [[Double]] {
    guard count > 0, !points.isEmpty else { return [] }
    let places = Posterior.Points(flat: try Self.flat(points, parameters.lengthScales.count), count: points.count)
    let joint = try posterior.joint(at: places)
    var random = TrialRandom(seed: seed, trial: 0, purpose: "samples")
    return try (0..<count).map { _ in
      let sample = joint.sample(member: 0, &random)
      guard sample.allSatisfy(\.isFinite) else {
        throw SearchError("samples", "the covariances of \(points.count) points are not positive definite")
      }
      return sample.map { $0 + parameters.mean }
    }
  }

  private static func flat(_ points: [[Double]], _ width: Int) throws -> [Double] {
    for (index, point) in points.enumerated() where point.count != width {
      throw SearchError(
        "GaussianProcess", "point \(index) has \(point.count) numbers, where the process has \(width) length scales")
    }
    return points.flatMap { $0 }
  }

  /// Refuses what no process can be made of.
  private static func check(_ values: [Double], _ points: [[Double]], _ parameters: Parameters) throws {
    func refused(_ words: String) -> SearchError { SearchError("GaussianProcess", words) }
    guard !values.isEmpty, values.count == points.count else {
      throw refused(
        "\(values.count) values at \(points.count) points, where each point has one and there is at least one")
    }
    guard !parameters.lengthScales.isEmpty, parameters.lengthScales.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw refused("length scales are positive, one for each number of a point, not \(parameters.lengthScales)")
    }
    guard parameters.signalVariance > 0, parameters.signalVariance.isFinite, parameters.noiseVariance > 0,
      parameters.noiseVariance.isFinite, parameters.mean.isFinite
    else {
      throw refused(
        "variances are positive and the mean is finite, not \(parameters.signalVariance), \(parameters.noiseVariance) "
          + "and \(parameters.mean)")
    }
    _ = try flat(points, parameters.lengthScales.count)
    guard values.allSatisfy(\.isFinite), points.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw refused("a value or a point holds a number that is not finite")
    }
  }
}

extension GaussianProcess.Parameters {
  /// The logarithms of the length scales, of the signal's variance and of the noise's, as plans take them.
  var logarithms: [Double] { lengthScales.map { log($0) } + [log(signalVariance), log(noiseVariance)] }

  init(logarithms: [Double], mean: Double = 0) {
    let numbers = logarithms.map { exp($0) }
    self.init(
      lengthScales: Array(numbers.dropLast(2)), signalVariance: numbers[numbers.count - 2],
      noiseVariance: numbers[numbers.count - 1], mean: mean)
  }
}
