import Foundation

extension CMAES {
  /// Whose learning rates a search has, where the number of coordinates and the population's size are the same.
  public enum LearningRates: String, Hashable, Sendable, Codable {
    /// Those of Hansen's tutorial of 2016.
    case tutorial
    /// Those of Hansen's pycma, which learn the step size and the covariance somewhat faster where coordinates are few:
    /// c_σ = (μ_eff + 2) / (n + μ_eff + 3), where the tutorial adds 5, and a quarter more in the parentheses of c_μ.
    case pycma
  }

  /// The numbers by which CMA-ES learns, which follow from the number of coordinates and the population's size.
  ///
  /// Source: Hansen, *The CMA evolution strategy: a tutorial*, 2016, with negative weights.
  public struct Parameters: Hashable, Sendable, Codable {
    /// The population's size, λ.
    public let populationSize: Int
    /// How many of a generation the mean is made of, μ.
    public let parentCount: Int
    /// The weights of the individuals from the best to the worst: first those of the mean, which add up to 1, followed by
    /// negative ones, which shrink the covariance along the steps of the worst.
    public let weights: [Double]
    /// How many individuals of equal weight would vary the mean as much, μ_eff.
    public let effectiveCount: Double
    /// The learning rate of the path of the covariance, c_c.
    public let pathRate: Double
    /// The learning rate of the path of the step size, c_σ.
    public let stepPathRate: Double
    /// The learning rate of the covariance from its path, c_1.
    public let rankOneRate: Double
    /// The learning rate of the covariance from the generation's steps, c_μ.
    public let rankMuRate: Double
    /// The damping of the step size, d_σ.
    public let stepDamping: Double
    /// The mean length of a vector from the standard normal distribution.
    public let expectedNorm: Double

    /// The parameters for a number of coordinates.
    ///
    /// - Parameters:
    ///   - dimension: How many coordinates there are.
    ///   - populationSize: The population's size; 4 + ⌊3 ln n⌋ where `nil`.
    ///   - isSeparable: Whether the covariance is a diagonal, which is learned faster (Ros and Hansen, *A simple
    ///     modification in CMA-ES achieving linear time and space complexity*, 2008).
    ///   - isActive: Whether the worst individuals have negative weights.
    ///   - rates: Whose learning rates these are.
    public init(
      dimension: Int, populationSize: Int? = nil, isSeparable: Bool = false, isActive: Bool = true,
      rates: LearningRates = .tutorial
    ) {
      let n = Double(max(dimension, 1))
      let size = min(max(populationSize ?? Self.defaultPopulationSize(dimension), 2), Self.mostPopulation)
      let half = (Double(size) + 1) / 2
      let raw = (1...size).map { log(half) - log(Double($0)) }
      let positive = raw.filter { $0 > 0 }
      let negative = raw.dropFirst(positive.count)
      func effective(_ weights: some Collection<Double>) -> Double {
        let (sum, squares) = weights.reduce((0, 0)) { ($0.0 + $1, $0.1 + $1 * $1) }
        return squares > 0 ? sum * sum / squares : 0
      }
      let count = effective(positive)
      let stepPath = (count + 2) / (n + count + (rates == .pycma ? 3 : 5))
      var rankOne = 2 / ((n + 1.3) * (n + 1.3) + count)
      let rankMuShare = count - 2 + 1 / count + (rates == .pycma ? 0.25 : 0)
      var rankMu = min(1 - rankOne, 2 * rankMuShare / ((n + 2) * (n + 2) + count))
      if isSeparable {
        rankOne = min(1, rankOne * (n + 2) / 3)
        rankMu = min(1 - rankOne, rankMu * (n + 2) / 3)
      }
      let total = positive.reduce(0, +)
      let negativeTotal = -negative.reduce(0, +)
      var negativeSum = 0.0
      if isActive, rankMu > 0, negativeTotal > 0 {
        let negativeCount = effective(negative)
        // The last limit keeps the covariance positive definite.
        negativeSum = min(
          1 + rankOne / rankMu, 1 + 2 * negativeCount / (count + 2), (1 - rankOne - rankMu) / (n * rankMu))
      }
      self.populationSize = size
      parentCount = positive.count
      weights = positive.map { $0 / total } + negative.map { negativeTotal > 0 ? $0 * negativeSum / negativeTotal : 0 }
      effectiveCount = count
      pathRate = (4 + count / n) / (n + 4 + 2 * count / n)
      stepPathRate = stepPath
      rankOneRate = rankOne
      rankMuRate = rankMu
      stepDamping = 1 + 2 * max(0, ((count - 1) / (n + 1)).squareRoot() - 1) + stepPath
      expectedNorm = n.squareRoot() * (1 - 1 / (4 * n) + 1 / (21 * n * n))
    }

    /// The most individuals that a generation may have.
    static let mostPopulation = 1 << 24

    /// The usual population's size, 4 + ⌊3 ln n⌋.
    public static func defaultPopulationSize(_ dimension: Int) -> Int {
      4 + Int(3 * log(Double(max(dimension, 1))))
    }
  }
}

extension CMAES.Parameters {
  /// Reads parameters.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of what cannot be learned by.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("CMAES.Parameters", decoder, by: CodingKeys.self)
    populationSize = try reader.count(.populationSize, in: 2...Self.mostPopulation)
    parentCount = try reader.count(.parentCount, in: 1...populationSize)
    weights = try reader.numbers(.weights, count: populationSize)
    effectiveCount = try reader.number(.effectiveCount, in: 1...Double(populationSize))
    pathRate = try reader.number(.pathRate, in: 0...1)
    stepPathRate = try reader.number(.stepPathRate, in: 0...1)
    rankOneRate = try reader.number(.rankOneRate, in: 0...1)
    rankMuRate = try reader.number(.rankMuRate, in: 0...1)
    stepDamping = try reader.number(.stepDamping, in: 0.01 ... .greatestFiniteMagnitude)
    expectedNorm = try reader.number(.expectedNorm, in: 0.01 ... .greatestFiniteMagnitude)
  }
}
