/// Values as numbers in which unlike ones are apart, as models of results see them.
///
/// Reals and integers are one number from 0 to 1, evenly on their scale; a choice is one-hot; a toggle is 0 or 1; a subset
/// has 0 or 1 for each option; a permutation has the rank of each option, from 0 to 1.
extension Domain {
  /// How many features a value has.
  public var featureCount: Int {
    switch self {
    case .real, .integer, .toggle: 1
    case .choice(let options), .subset(let options), .permutation(let options): options.count
    }
  }

  /// Whether features of the domain change continuously, or nearly so: numbers, not options.
  public var isNumeric: Bool {
    switch self {
    case .real, .integer: true
    case .choice, .toggle, .subset, .permutation: false
    }
  }

  /// The features of a value; one that does not belong to the domain has 0.5 everywhere.
  public func features(of setting: Setting) -> [Double] {
    switch (self, setting) {
    case (.real, .real), (.integer, .integer): return coordinates(of: setting)
    case (.toggle, .toggle(let isOn)): return [isOn ? 1 : 0]
    case (.choice(let options), .choice(let place)): return options.indices.map { $0 == place ? 1 : 0 }
    case (.subset(let options), .subset(let places)):
      let chosen = Set(places)
      return options.indices.map { chosen.contains($0) ? 1 : 0 }
    case (.permutation(let options), .permutation(let places)):
      var ranks = [Double](repeating: 0.5, count: options.count)
      for (rank, place) in places.enumerated() where ranks.indices.contains(place) && options.count > 1 {
        ranks[place] = Double(rank) / Double(options.count - 1)
      }
      return ranks
    default: return [Double](repeating: 0.5, count: featureCount)
    }
  }

  /// The value whose features are the nearest.
  ///
  /// - Parameter features: As many as `featureCount`; missing ones count as 0.5.
  public func setting(nearest features: [Double]) -> Setting {
    switch self {
    case .real, .integer, .toggle, .subset, .permutation: return setting(at: features)
    case .choice(let options):
      var best = 0
      for place in options.indices.dropFirst() where place < features.count && features[place] > features[best] {
        best = place
      }
      return .choice(best)
    }
  }
}
