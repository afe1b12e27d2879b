import DescentData
import Foundation

/// The evolution strategy of OpenAI: individuals are drawn around a center in mirrored pairs, and the center moves by Adam
/// along the gradient that their ranks estimate. For networks and rewards.
///
/// Only the order of values counts. Source: Salimans, Ho, Chen, Sidor, Sutskever, *Evolution strategies as a scalable
/// alternative to reinforcement learning*, 2017.
public struct OpenAIES: DistributionStrategy, Hashable {
  /// How many individuals a generation has: an even number.
  public let populationSize: Int
  /// The learning rate of the center.
  public let learningRate: Double
  /// The rate at which the center decays toward zero.
  public let weightDecay: Double
  /// What sigma is multiplied by after each generation.
  public let sigmaDecay: Double
  /// What sets its random numbers apart from others.
  public let seed: UInt64
  /// How many generations have been told.
  public private(set) var generation = 0
  /// The best individual of all generations.
  public private(set) var best: Evaluated<[Double]>?
  /// The standard deviation of the individuals around the center.
  public private(set) var sigma: Double
  private var center: [Double]
  private var movement: AdamMovement
  private let scales: [Double]?
  private let enclosure: Enclosure?

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - start: The first center.
  ///   - sigma: The standard deviation of the individuals around the center.
  ///   - learningRate: The learning rate of the center: about how far each coordinate moves in a generation.
  ///   - scales: What multiplies sigma and the learning rate for each coordinate.
  ///   - bounds: Where the minimum has to lie in each coordinate.
  ///   - populationSize: How many individuals a generation has; rounded up to an even number.
  ///   - weightDecay: The rate at which the center decays toward zero.
  ///   - sigmaDecay: What sigma is multiplied by after each generation.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    from start: [Double], sigma: Double = 0.05, learningRate: Double = 0.01, scales: [Double]? = nil,
    bounds: [ClosedRange<Double>]? = nil, populationSize: Int = 64, weightDecay: Double = 0, sigmaDecay: Double = 1,
    seed: UInt64 = 0
  ) throws {
    let name = "OpenAIES"
    try NaturalEvolution.check(name, start, sigma, populationSize)
    guard learningRate > 0, learningRate.isFinite, weightDecay >= 0, weightDecay < 1 else {
      throw SearchError(
        name, "a learning rate is positive and a decay from 0 to 1; \(learningRate) and \(weightDecay) were given")
    }
    guard sigmaDecay > 0, sigmaDecay <= 1 else {
      throw SearchError(name, "sigma's decay lies between 0 and 1, and \(sigmaDecay) was given")
    }
    if let scales, scales.count != start.count || scales.contains(where: { !($0 > 0) || !$0.isFinite }) {
      throw SearchError(name, "scales are positive, one for each of the \(start.count) coordinates")
    }
    enclosure = try Enclosure(bounds, count: start.count, of: name)
    center = try NaturalEvolution.center(start, within: enclosure, of: name)
    self.populationSize = (populationSize + 1) / 2 * 2
    (self.sigma, self.learningRate, self.weightDecay, self.sigmaDecay) = (sigma, learningRate, weightDecay, sigmaDecay)
    (self.scales, self.seed) = (scales, seed)
    movement = AdamMovement(count: start.count)
  }

  /// The center.
  public var mean: [Double] { enclosure?.folded(center) ?? center }

  /// One individual of the present generation; those of odd numbers mirror the one before.
  public func individual(_ index: Int) -> [Double] {
    var point = draw(index)
    for place in point.indices { point[place] = center[place] + sigma * (scales?[place] ?? 1) * point[place] }
    return enclosure?.folded(point) ?? point
  }

  private func draw(_ index: Int) -> [Double] {
    var random = ElementRandom(seed: seed, generation: generation, member: index / 2)
    let draw = random.normals(center.count)
    return index % 2 == 0 ? draw : draw.map { -$0 }
  }

  /// Moves the center by what became of a generation.
  ///
  /// - Complexity: O(λ · n).
  public mutating func advance(_ results: [Evaluated<[Double]>]) throws {
    let n = center.count
    try NaturalEvolution.check("OpenAIES", results, populationSize, n)
    let utilities = results.map(\.outcome).utilities(CenteredRanks.list(populationSize))
    var gradient = [Double](repeating: 0, count: n)
    for (result, utility) in zip(results, utilities) where utility != 0 {
      let draw = result.index.map(draw) ?? standardized(result.individual)
      for place in 0..<n { gradient[place] += utility * draw[place] }
    }
    best = results.best(after: best)
    let step = movement.step(gradient.map { $0 / (Double(populationSize) * sigma) })
    for place in 0..<n {
      let scale = scales?[place] ?? 1
      center[place] += learningRate * (scale * step[place] - weightDecay * center[place])
    }
    sigma *= sigmaDecay
    generation += 1
  }

  private func standardized(_ individual: [Double]) -> [Double] {
    let point = enclosure?.unfolded(individual) ?? individual
    return point.indices.map { place in
      min(max((point[place] - center[place]) / (sigma * (scales?[place] ?? 1)), -4), 4)
    }
  }
}

/// The ranks from 0.5 for the best to −0.5 for the worst.
enum CenteredRanks {
  static func list(_ count: Int) -> [Double] {
    (0..<count).map { 0.5 - Double($0) / Double(max(count - 1, 1)) }
  }
}

/// Steps along a gradient, of about one in each coordinate: Adam's (Kingma and Ba, 2014).
struct AdamMovement: Hashable, Sendable, Codable {
  private var first: [Double]
  private var second: [Double]
  private var count = 0

  init(count: Int) {
    first = [Double](repeating: 0, count: count)
    second = first
  }

  /// Whether it was made for so many coordinates.
  func isSound(for count: Int) -> Bool {
    first.count == count && second.count == count && first.allSatisfy(\.isFinite)
      && second.allSatisfy(ClosedRange.notNegative.contains) && (0...1 << 53).contains(self.count)
  }

  /// The next step, upward.
  mutating func step(_ gradient: [Double]) -> [Double] {
    count += 1
    let (firstBias, secondBias) = (1 - pow(0.9, Double(count)), 1 - pow(0.999, Double(count)))
    return gradient.indices.map { place in
      first[place] = 0.9 * first[place] + 0.1 * gradient[place]
      second[place] = 0.999 * second[place] + 0.001 * gradient[place] * gradient[place]
      return first[place] / firstBias / ((second[place] / secondBias).squareRoot() + 1e-8)
    }
  }
}

extension OpenAIES {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("OpenAIES", decoder, by: CodingKeys.self)
    let (center, start, bounds) = try reader.center(.center, within: .enclosure)
    try self.init(
      from: start, sigma: 1, learningRate: try reader.value(.learningRate), scales: try reader.optional(.scales),
      bounds: bounds, populationSize: try reader.count(.populationSize, in: 2...(1 << 30)),
      weightDecay: try reader.value(.weightDecay), sigmaDecay: try reader.value(.sigmaDecay),
      seed: try reader.value(.seed))
    self.center = center
    generation = try reader.count(.generation)
    best = try reader.evaluated(.best, count: center.count)
    sigma = try reader.number(.sigma, in: .notNegative)
    movement = try reader.value(.movement)
    try reader.check(
      movement.isSound(for: center.count), .movement, "is of \(center.count) coordinates", found: movement)
  }
}
