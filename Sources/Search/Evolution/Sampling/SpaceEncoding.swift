import Foundation

/// Settings as points of the unit cube, for methods that move through numbers.
///
/// Reals and integers lie evenly on their scale; a choice has a coordinate for each option, of which the largest counts; a
/// toggle and each option of a subset have one, whose upper half is on; a permutation has one for each option, and is their
/// order.
struct SpaceEncoding: Hashable, Sendable, Codable {
  private let parameters: [Space.Parameter]
  /// How many coordinates there are.
  let count: Int

  /// The most values that cells are told for.
  private static let mostCells = 4_096.0

  init(_ parameters: [(name: String, domain: Domain)]) {
    self.parameters = parameters.map { Space.Parameter($0.name, $0.domain) }
    count = parameters.reduce(0) { $0 + $1.domain.featureCount }
  }

  /// The bounds of each coordinate.
  var bounds: [ClosedRange<Double>] { [ClosedRange](repeating: 0...1, count: count) }

  /// Where values of the coordinates change.
  var axes: [SearchAxis] { parameters.flatMap { Self.axes(of: $0.domain) } }

  private static func axes(of domain: Domain) -> [SearchAxis] {
    let continuous = [SearchAxis](repeating: .continuous, count: domain.featureCount)
    let values = domain.count
    switch domain {
    case .toggle, .subset: return continuous.map { _ in .cells([0.5]) }
    case .choice, .permutation, .real(_, _, nil): return continuous
    case .real, .integer(_, .linear, _):
      guard values > 1, values <= mostCells else { return continuous }
      return [.cells((1..<Int(values)).map { Double($0) / values })]
    case .integer(let range, .logarithmic, _):
      guard values > 1, values <= mostCells else { return continuous }
      let (low, high) = (log(Double(range.lowerBound) - 0.5), log(Double(range.upperBound) + 0.5))
      return [.cells((range.lowerBound..<range.upperBound).map { (log(Double($0) + 0.5) - low) / (high - low) })]
    }
  }

  /// The settings of a point.
  func settings(_ point: [Double]) -> Settings {
    var settings: Settings = [:]
    var start = 0
    for parameter in parameters {
      let end = start + parameter.domain.featureCount
      settings[parameter.name] = parameter.domain.setting(nearest: Array(point[start..<end]))
      start = end
    }
    return settings
  }

  /// The point of settings; the middle where a parameter is missing.
  func point(_ settings: Settings) -> [Double] {
    parameters.flatMap { parameter -> [Double] in
      guard let setting = settings[parameter.name] else {
        return [Double](repeating: 0.5, count: parameter.domain.featureCount)
      }
      return parameter.domain.features(of: setting)
    }
  }
}

extension SpaceEncoding {
  init(from decoder: any Decoder) throws {
    let reader = try StateReader("parameters", decoder, by: CodingKeys.self)
    let parameters: [Space.Parameter] = try reader.value(.parameters)
    self.init(parameters.map { ($0.name, $0.domain) })
  }
}

/// A strategy of vectors as one of settings.
struct EncodedStrategy<Strategy: EvolutionStrategy<[Double]>>: EvolutionStrategy {
  typealias Individual = Settings

  private let encoding: SpaceEncoding
  private(set) var strategy: Strategy

  init(_ encoding: SpaceEncoding, _ strategy: Strategy) { (self.encoding, self.strategy) = (encoding, strategy) }

  var populationSize: Int { strategy.populationSize }
  var generation: Int { strategy.generation }
  var best: Evaluated<Settings>? {
    strategy.best.map { Evaluated(encoding.settings($0.individual), $0.outcome, index: $0.index) }
  }

  func individual(_ index: Int) -> Settings { encoding.settings(strategy.individual(index)) }

  mutating func advance(_ results: [Evaluated<Settings>]) throws {
    try strategy.advance(
      results.map { result in
        let point = result.index.map(strategy.individual) ?? encoding.point(result.individual)
        return Evaluated(point, result.outcome, index: result.index)
      })
  }
}

extension EncodedStrategy {
  private enum CodingKeys: String, CodingKey {
    case encoding, strategy
  }

  init(from decoder: any Decoder) throws {
    let reader = try StateReader("strategy", decoder, by: CodingKeys.self)
    self.init(try reader.value(.encoding), try reader.value(.strategy))
    let count = strategy.individual(0).count
    try reader.check(count == encoding.count, .strategy, "has \(encoding.count) coordinates", found: count)
  }
}
