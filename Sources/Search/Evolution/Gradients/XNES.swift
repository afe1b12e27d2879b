import DescentData
import Foundation

/// The exponential natural evolution strategy: mean, step size and shape of a normal distribution follow the natural
/// gradient of what is expected of a draw, the shape by matrix exponentials, so that it stays a covariance.
///
/// Only the order of values counts. Source: Glasmachers, Schaul, Sun, Wierstra, Schmidhuber, *Exponential natural evolution
/// strategies*, 2010.
public struct XNES: DistributionStrategy, Hashable {
  /// How many individuals a generation has.
  public let populationSize: Int
  /// The learning rate of the mean.
  public let meanRate: Double
  /// The learning rate of step size and shape.
  public let shapeRate: Double
  /// What sets its random numbers apart from others.
  public let seed: UInt64
  /// How many generations have been told.
  public private(set) var generation = 0
  /// The best individual of all generations.
  public private(set) var best: Evaluated<[Double]>?
  /// The step size, σ.
  public private(set) var sigma: Double
  private var center: [Double]
  /// B, row by row, of determinant 1: steps are σ·B·z.
  private var shape: [Double]
  private let enclosure: Enclosure?

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - start: The mean of the first generation.
  ///   - sigma: The standard deviation of the first generation in each coordinate.
  ///   - bounds: Where the minimum has to lie in each coordinate.
  ///   - populationSize: How many individuals a generation has; 4 + ⌊3 ln n⌋ where `nil`.
  ///   - meanRate: The learning rate of the mean.
  ///   - shapeRate: The learning rate of step size and shape; (9 + 3 ln n) / (5 n √n) where `nil`.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    from start: [Double], sigma: Double, bounds: [ClosedRange<Double>]? = nil, populationSize: Int? = nil,
    meanRate: Double = 1, shapeRate: Double? = nil, seed: UInt64 = 0
  ) throws {
    try NaturalEvolution.check("XNES", start, sigma, populationSize)
    let n = Double(start.count)
    let rate = shapeRate ?? (9 + 3 * log(n)) / (5 * n * n.squareRoot())
    guard meanRate > 0, meanRate.isFinite, rate >= 0, rate.isFinite else {
      throw SearchError("XNES", "learning rates are positive, and \(meanRate) and \(rate) were given")
    }
    enclosure = try Enclosure(bounds, count: start.count, of: "XNES")
    center = try NaturalEvolution.center(start, within: enclosure, of: "XNES")
    self.populationSize = populationSize ?? CMAES.Parameters.defaultPopulationSize(start.count)
    (self.meanRate, self.shapeRate, self.seed, self.sigma) = (meanRate, rate, seed, sigma)
    shape = [Double](repeating: 0, count: start.count * start.count)
    for place in start.indices { shape[place * start.count + place] = 1 }
  }

  /// The mean of the present generation.
  public var mean: [Double] { enclosure?.folded(center) ?? center }

  /// One individual of the present generation.
  public func individual(_ index: Int) -> [Double] {
    let step = applied(shape, draw(index))
    var point = center
    for place in point.indices { point[place] += sigma * step[place] }
    return enclosure?.folded(point) ?? point
  }

  private func draw(_ index: Int) -> [Double] {
    var random = ElementRandom(seed: seed, generation: generation, member: index)
    return random.normals(center.count)
  }

  /// Moves the distribution by what became of a generation.
  ///
  /// - Complexity: O(λ · n² + n³).
  public mutating func advance(_ results: [Evaluated<[Double]>]) throws {
    let n = center.count
    try NaturalEvolution.check("XNES", results, populationSize, n)
    let utilities = results.map(\.outcome).utilities(NaturalEvolution.utilities(populationSize))
    var meanStep = [Double](repeating: 0, count: n)
    var gradient = [Double](repeating: 0, count: n * n)
    for (result, utility) in zip(results, utilities) {
      let z = result.index.map(draw) ?? standardized(result.individual)
      for row in 0..<n {
        meanStep[row] += utility * z[row]
        let scaled = utility * z[row]
        for column in 0..<n { gradient[row * n + column] += scaled * z[column] }
        gradient[row * n + row] -= utility
      }
    }
    best = results.best(after: best)
    let movement = applied(shape, meanStep)
    for place in 0..<n { center[place] += meanRate * sigma * movement[place] }
    var trace = 0.0
    for place in 0..<n { trace += gradient[place * n + place] }
    for place in 0..<n { gradient[place * n + place] -= trace / Double(n) }
    sigma *= exp(min(max(shapeRate / 2 * trace / Double(n), -1), 1))
    if let eigen = SymmetricEigen(gradient, count: n) { shape = multiplied(shape, eigen) }
    generation += 1
  }

  /// What would have been drawn for an individual, not longer than draws are.
  private func standardized(_ individual: [Double]) -> [Double] {
    let point = enclosure?.unfolded(individual) ?? individual
    let step = zip(point, center).map { ($0 - $1) / sigma }
    guard var z = LinearSolution.solve(shape, step) else { return step.map { _ in 0 } }
    var length = 0.0
    for element in z { length += element * element }
    let n = Double(z.count)
    let most = n.squareRoot() + 2 * n / (n + 2)
    length = length.squareRoot()
    if length > most { for place in z.indices { z[place] *= most / length } }
    return z
  }

  /// B · exp(η/2 · G) by G's eigenvectors.
  private func multiplied(_ shape: [Double], _ eigen: SymmetricEigen) -> [Double] {
    let n = center.count
    let factors = eigen.values.map { exp(min(max(shapeRate / 2 * $0, -1), 1)) }
    var result = [Double](repeating: 0, count: n * n)
    eigen.vectors.withUnsafeBufferPointer { v in
      result.withUnsafeMutableBufferPointer { result in
        for row in 0..<n {
          for axis in 0..<n {
            var along = 0.0
            for inner in 0..<n { along += shape[row * n + inner] * v[inner * n + axis] }
            along *= factors[axis]
            for column in 0..<n { result[row * n + column] += along * v[column * n + axis] }
          }
        }
      }
    }
    return result
  }

  private func applied(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    let n = vector.count
    return (0..<n).map { row in
      var sum = 0.0
      for column in 0..<n { sum += matrix[row * n + column] * vector[column] }
      return sum
    }
  }
}

extension XNES {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("XNES", decoder, by: CodingKeys.self)
    let (center, start, bounds) = try reader.center(.center, within: .enclosure)
    let shape = try reader.numbers(.shape, count: center.count * center.count)
    try self.init(
      from: start, sigma: 1, bounds: bounds, populationSize: try reader.value(.populationSize),
      meanRate: try reader.value(.meanRate), shapeRate: try reader.value(.shapeRate), seed: try reader.value(.seed))
    (self.center, self.shape) = (center, shape)
    generation = try reader.count(.generation)
    best = try reader.evaluated(.best, count: center.count)
    sigma = try reader.number(.sigma, in: .notNegative)
  }
}
