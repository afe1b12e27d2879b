import DescentData
import Foundation

/// The covariance matrix adaptation evolution strategy: individuals are drawn from a normal distribution whose mean moves to
/// the best of them, whose covariance learns the shape of the valley, and whose step size follows from how straight the mean
/// moves.
///
/// ```swift
/// var cma = try CMAES(from: [0.1, 0.1, 0.1], sigma: 0.3, seed: 1)
/// while cma.stop == nil { try cma.tell(cma.ask().map(rosenbrock)) }
/// print(cma.best, cma.mean)
/// ```
///
/// Only the order of values counts, so that no increasing function of them changes the way. The worst of a generation have
/// negative weights (active CMA-ES). Coordinates that are whole numbers keep a least probability to change, as in CMA-ES
/// with margin (Hamano, Saito, Nomura, Shirakawa, 2022). Bounds are met by folding space into them. Source: Hansen, *The
/// CMA evolution strategy: a tutorial*, 2016.
public struct CMAES: DistributionStrategy, Hashable {
  /// Which covariances there can be.
  public enum Covariance: String, Hashable, Sendable, Codable {
    /// All of them: n² numbers for n coordinates.
    case full
    /// Coordinates vary independently: n numbers, learned faster, for many coordinates.
    case separable
    /// `full` up to 250 coordinates, `separable` for more.
    case automatic
  }

  /// The numbers by which it learns.
  public let parameters: Parameters
  /// What sets its random numbers apart from others.
  public let seed: UInt64
  /// How many generations have been told.
  public internal(set) var generation = 0
  /// The best individual of all generations.
  public internal(set) var best: Evaluated<[Double]>?
  /// Why a further search from here promises nothing; `nil` before there is a reason. It may go on all the same.
  public internal(set) var stop: Stop?
  /// The step size, σ.
  public internal(set) var sigma: Double

  let axes: [SearchAxis]?
  let enclosure: Enclosure?
  let initialSigma: Double
  /// In what units coordinates are counted: space is scaled before anything else.
  let scales: [Double]?
  /// The mean, in these units, before it is folded into bounds.
  var center: [Double]
  /// C, row by row, or its diagonal.
  var covariance: [Double]
  /// The square roots of C's eigenvalues.
  var lengths: [Double]
  /// C's eigenvectors in columns; empty where C is a diagonal.
  var directions: [Double]
  /// When C was last decomposed.
  var decomposed = 0
  var path: [Double]
  var stepPath: [Double]
  /// By how much the steps of coordinates with whole numbers are widened.
  var margins: [Double]?
  /// The best value of each of the last generations, and the range of the last one's.
  var recent = StoredNumbers([])
  var lastRange = StoredNumbers([])

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - start: The mean of the first generation.
  ///   - sigma: The standard deviation of the first generation in each coordinate: a third of the way to where the minimum
  ///     may lie.
  ///   - scales: What multiplies it for each coordinate, where they are of unlike size.
  ///   - bounds: Where the minimum has to lie in each coordinate.
  ///   - wholeNumbers: Which coordinates are whole numbers.
  ///   - populationSize: How many individuals a generation has; 4 + ⌊3 ln n⌋ where `nil`.
  ///   - covariance: Which covariances there can be.
  ///   - isActive: Whether the worst individuals have negative weights.
  ///   - rates: Whose learning rates it has.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    from start: [Double], sigma: Double, scales: [Double]? = nil, bounds: [ClosedRange<Double>]? = nil,
    wholeNumbers: Set<Int> = [], populationSize: Int? = nil, covariance: Covariance = .automatic, isActive: Bool = true,
    rates: LearningRates = .tutorial, seed: UInt64 = 0
  ) throws {
    guard wholeNumbers.allSatisfy(start.indices.contains) else {
      throw SearchError(
        "CMAES", "whole numbers are asked for at \(wholeNumbers.sorted()), and there are \(start.count) coordinates")
    }
    let axes = start.indices.map { wholeNumbers.contains($0) ? SearchAxis.whole : .continuous }
    try self.init(
      from: start, sigma: sigma, scales: scales, bounds: bounds, axes: wholeNumbers.isEmpty ? nil : axes,
      populationSize: populationSize, covariance: covariance, isActive: isActive, rates: rates, seed: seed)
  }

  init(
    from start: [Double], sigma: Double, scales: [Double]?, bounds: [ClosedRange<Double>]?, axes: [SearchAxis]?,
    populationSize: Int?, covariance: Covariance, isActive: Bool, rates: LearningRates = .tutorial,
    parameters: Parameters? = nil, seed: UInt64
  ) throws {
    let name = "CMAES"
    let n = start.count
    guard n > 0 else { throw SearchError(name, "the start has no coordinates") }
    try start.checkFinite(name, "the start")
    guard sigma > 0, sigma.isFinite else { throw SearchError(name, "sigma is positive, and \(sigma) was given") }
    guard populationSize ?? 2 >= 2, populationSize ?? 2 <= Parameters.mostPopulation else {
      throw SearchError(
        name,
        "a population has 2 to \(Parameters.mostPopulation) individuals, and \(populationSize ?? 0) were asked for")
    }
    if let scales {
      guard scales.count == n, scales.allSatisfy({ $0 > 0 && ($0 * $0).isFinite }) else {
        throw SearchError(name, "scales are positive, one for each of the \(n) coordinates, and \(scales) were given")
      }
    }
    enclosure = try Enclosure(bounds, count: n, of: name)
    if let enclosure, !enclosure.contains(start) {
      throw SearchError(name, "the start does not lie within the bounds")
    }
    let isSeparable = covariance == .separable || covariance == .automatic && n > 250
    self.parameters =
      parameters
      ?? Parameters(
        dimension: n, populationSize: populationSize, isSeparable: isSeparable, isActive: isActive, rates: rates)
    self.axes = axes
    self.seed = seed
    self.sigma = sigma
    initialSigma = sigma
    self.scales = scales
    lengths = [Double](repeating: 1, count: n)
    if isSeparable {
      self.covariance = lengths
      directions = []
    } else {
      self.covariance = [Double](repeating: 0, count: n * n)
      for place in 0..<n { self.covariance[place * n + place] = 1 }
      directions = self.covariance
    }
    path = [Double](repeating: 0, count: n)
    stepPath = path
    margins = axes == nil ? nil : [Double](repeating: 1, count: n)
    center = start
    center = free(start)
    keepMargins()
  }

  /// How many coordinates there are.
  public var dimension: Int { center.count }
  /// How many individuals a generation has.
  public var populationSize: Int { parameters.populationSize }
  /// The mean of the present generation: as a rule a better estimate of the minimum than the best individual, where values
  /// are noisy.
  public var mean: [Double] { evaluated(center) }
  /// Whether coordinates vary independently.
  public var isSeparable: Bool { directions.isEmpty }

  /// The standard deviation of each coordinate.
  public var deviations: [Double] {
    let n = dimension
    return (0..<n).map { place in
      let variance = covariance[isSeparable ? place : place * n + place]
      return sigma * variance.squareRoot() * (margins?[place] ?? 1) * (scales?[place] ?? 1)
    }
  }

  /// One individual of the present generation.
  public func individual(_ index: Int) -> [Double] {
    let step = step(index)
    var point = center
    for place in point.indices { point[place] += sigma * (margins?[place] ?? 1) * step[place] }
    return evaluated(point)
  }

  /// The step of an individual, whose covariance is C.
  func step(_ index: Int) -> [Double] {
    var random = ElementRandom(seed: seed, generation: generation, member: index)
    return colored(random.normals(dimension))
  }

  /// The point that is evaluated for one that moves freely.
  func evaluated(_ point: [Double]) -> [Double] {
    guard enclosure != nil || axes != nil || scales != nil else { return point }
    return point.indices.map { place in
      let axis = axes?[place] ?? .continuous
      let value = point[place] * (scales?[place] ?? 1)
      guard axis == .continuous else { return axis.value(value, within: range(place)) }
      return enclosure?.folded(value, place) ?? value
    }
  }

  /// The point that moves freely for one that is evaluated.
  func free(_ point: [Double]) -> [Double] {
    guard enclosure != nil || scales != nil else { return point }
    return point.indices.map { place in
      let isContinuous = axes?[place] ?? .continuous == .continuous
      let value = isContinuous ? enclosure?.unfolded(point[place], place) ?? point[place] : point[place]
      return value / (scales?[place] ?? 1)
    }
  }

  func range(_ place: Int) -> ClosedRange<Double> { enclosure?.range(place) ?? -.infinity ... .infinity }

  /// B·D·z: of independent numbers of variance 1 such of covariance C.
  func colored(_ z: [Double]) -> [Double] {
    guard !isSeparable else { return zip(lengths, z).map { $0 * $1 } }
    return product(directions, zip(lengths, z).map { $0 * $1 })
  }

  /// D⁻¹·Bᵀ·y: of numbers of covariance C independent ones of variance 1, in the directions of the eigenvectors.
  func whitened(_ y: [Double]) -> [Double] {
    guard !isSeparable else { return zip(lengths, y).map { $1 / $0 } }
    let n = dimension
    var z = [Double](repeating: 0, count: n)
    directions.withUnsafeBufferPointer { b in
      z.withUnsafeMutableBufferPointer { z in
        for row in 0..<n {
          let factor = y[row]
          for column in 0..<n { z[column] += b[row * n + column] * factor }
        }
      }
    }
    return zip(lengths, z).map { $1 / $0 }
  }

  func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    let n = dimension
    return matrix.withUnsafeBufferPointer { a in
      vector.withUnsafeBufferPointer { x in
        (0..<n).map { row in
          var sum = 0.0
          for column in 0..<n { sum += a[row * n + column] * x[column] }
          return sum
        }
      }
    }
  }
}

extension CMAES {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("CMAES", decoder, by: CodingKeys.self)
    let (center, start, bounds) = try reader.center(.center, within: .enclosure)
    let n = center.count
    let directions: [Double] = try reader.value(.directions)
    let count = directions.isEmpty ? n : n * n
    try reader.check(directions, count: directions.isEmpty ? 0 : count, in: -2...2, .directions)
    let covariance = try reader.numbers(.covariance, count: count)
    let axes = try reader.axes(.axes, count: n)
    let parameters: Parameters = try reader.value(.parameters)
    let scales: [Double]? = try reader.optional(.scales)
    try reader.check(scales?.count ?? n == n, .scales, "has \(n) numbers", found: scales?.count ?? 0)
    try self.init(
      from: start, sigma: try reader.number(.initialSigma),
      scales: scales, bounds: bounds, axes: axes, populationSize: parameters.populationSize,
      covariance: directions.isEmpty ? .separable : .full, isActive: true, parameters: parameters,
      seed: try reader.value(.seed))
    (self.center, self.covariance, self.directions) = (center, covariance, directions)
    generation = try reader.count(.generation)
    decomposed = try reader.count(.decomposed, in: 0...generation)
    best = try reader.evaluated(.best, count: n)
    stop = try reader.optional(.stop)
    sigma = try reader.number(.sigma, in: .notNegative)
    lengths = try reader.numbers(.lengths, count: n, in: .notNegative)
    path = try reader.numbers(.path, count: n)
    stepPath = try reader.numbers(.stepPath, count: n)
    margins = axes == nil ? nil : try reader.numbers(.margins, count: n, in: .notNegative)
    recent = try reader.value(.recent)
    lastRange = try reader.value(.lastRange)
  }
}
