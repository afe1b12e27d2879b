extension Space {
  /// How many settings are drawn in the hope of allowed ones.
  private static let draws = 10_000
  /// How many allowed ones are enough.
  private static let enough = 64

  /// A setting of every parameter that is there, drawn evenly.
  func settings(from random: inout some RandomNumberGenerator, _ wishes: Settings = [:]) -> Settings {
    var settings: Settings = [:]
    let domains = domains
    for parameter in parameters where parameter.condition?.holds(settings, in: domains) ?? true {
      let drawn = parameter.domain.setting(from: &random)
      settings[parameter.name] = wishes[parameter.name].flatMap { parameter.domain.contains($0) ? $0 : nil } ?? drawn
    }
    return settings
  }

  /// Allowed settings near some that are not: on the way from the nearest of those that random drawing finds.
  ///
  /// - Throws: `SearchError` where none are found.
  func allowed(nearest settings: Settings, _ wishes: Settings, for number: Int, method: String) throws -> Settings {
    var random = TrialRandom(seed: 0, trial: number, purpose: "constraints of \(method)")
    var nearest: (distance: Double, settings: Settings)?
    var found = 0
    for _ in 0..<Self.draws where found < Self.enough {
      let drawn = self.settings(from: &random, wishes)
      guard allows(drawn) else { continue }
      found += 1
      let distance = distance(drawn, settings)
      if distance < nearest?.distance ?? .infinity { nearest = (distance, drawn) }
    }
    guard var best = nearest?.settings else {
      let words = constraints.map { "\($0)" }.joined(separator: "; ")
      throw SearchError(
        "trial \(number)", "none of \(Self.draws) settings that were drawn at random are allowed, where \(words)")
    }
    // Halving finds the last allowed point on the way, as far as the parameters that both have are concerned.
    var (inside, outside) = (0.0, 1.0)
    let start = best
    for _ in 0..<30 {
      let middle = (inside + outside) / 2
      let moved = start.merging(between(start, settings, middle)) { _, new in new }
      if contains(moved) { (inside, best) = (middle, moved) } else { outside = middle }
    }
    return best
  }

  private func distance(_ first: Settings, _ second: Settings) -> Double {
    var total = 0.0
    for parameter in parameters {
      switch (first[parameter.name], second[parameter.name]) {
      case (nil, nil): continue
      case (let first?, let second?):
        let pairs = zip(parameter.domain.features(of: first), parameter.domain.features(of: second))
        for (one, other) in pairs { total += (one - other) * (one - other) }
      default: total += 1
      }
    }
    return total
  }

  /// Values of numbers on the way from one setting to another.
  private func between(_ first: Settings, _ second: Settings, _ share: Double) -> Settings {
    var settings: Settings = [:]
    for parameter in parameters where parameter.domain.isNumeric {
      guard let one = first[parameter.name], let other = second[parameter.name] else { continue }
      let places = zip(parameter.domain.coordinates(of: one), parameter.domain.coordinates(of: other))
      settings[parameter.name] = parameter.domain.setting(at: places.map { $0 + ($1 - $0) * share })
    }
    return settings
  }
}
