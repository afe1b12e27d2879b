import Foundation

/// What the evolution strategies that follow the natural gradient share.
enum NaturalEvolution {
  /// The weights of individuals from the best to the worst, which add up to 0.
  static func utilities(_ count: Int) -> [Double] {
    let raw = (1...max(count, 1)).map { max(0, log(Double(count) / 2 + 1) - log(Double($0))) }
    let total = raw.reduce(0, +)
    return raw.map { $0 / total - 1 / Double(count) }
  }

  /// Refuses settings that make no sense.
  static func check(_ name: String, _ start: [Double], _ sigma: Double, _ populationSize: Int?) throws {
    guard !start.isEmpty else { throw SearchError(name, "the start has no coordinates") }
    try start.checkFinite(name, "the start")
    guard sigma > 0, sigma.isFinite else { throw SearchError(name, "sigma is positive, and \(sigma) was given") }
    guard let populationSize else { return }
    guard populationSize >= 2, populationSize <= 1 << 30 else {
      throw SearchError(name, "a population has 2 individuals or more, and \(populationSize) were asked for")
    }
  }

  /// The point that moves freely at the start.
  static func center(_ start: [Double], within enclosure: Enclosure?, of name: String) throws -> [Double] {
    guard let enclosure else { return start }
    guard enclosure.contains(start) else { throw SearchError(name, "the start does not lie within the bounds") }
    return enclosure.unfolded(start)
  }

  /// Refuses results that do not fit.
  static func check(_ name: String, _ results: [Evaluated<[Double]>], _ populationSize: Int, _ dimension: Int) throws {
    guard results.count == populationSize else {
      throw SearchError(
        name, "the generation has \(populationSize) individuals, and \(results.count) results were told")
    }
    for result in results {
      guard result.individual.count == dimension else {
        throw SearchError(
          name, "an individual has \(result.individual.count) coordinates, and \(dimension) were asked for")
      }
      try result.individual.checkFinite(name, "an individual")
    }
  }
}
