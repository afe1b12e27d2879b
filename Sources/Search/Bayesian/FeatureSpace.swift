import Foundation

/// Parameters as features, and how to move among them.
struct FeatureSpace {
  let parameters: [(name: String, domain: Domain)]
  /// Where each parameter's features begin.
  let offsets: [Int]
  /// How many features there are.
  let width: Int
  /// The features that move continuously.
  let continuous: [Int]
  /// The parameters whose values lie apart, by their places.
  let discrete: [Int]
  /// Whether settings meet the constraints that are known.
  private let space: Space?
  /// What the other parameters are.
  private let others: Settings

  /// - Parameters:
  ///   - parameters: The parameters, in order.
  ///   - space: The declared space, whose constraints are to be met.
  ///   - others: What parameters outside of these are.
  init(_ parameters: [(name: String, domain: Domain)], within space: Space?, others: Settings = [:]) {
    self.parameters = parameters
    self.space = space.flatMap { $0.constraints.isEmpty ? nil : $0 }
    self.others = others
    var (offsets, width): ([Int], Int) = ([], 0)
    var (continuous, discrete): ([Int], [Int]) = ([], [])
    for (place, parameter) in parameters.enumerated() {
      offsets.append(width)
      if case .real(_, _, nil) = parameter.domain { continuous.append(width) } else { discrete.append(place) }
      width += parameter.domain.featureCount
    }
    (self.offsets, self.width, self.continuous, self.discrete) = (offsets, width, continuous, discrete)
  }

  /// The settings of features.
  func settings(_ features: [Double]) -> Settings {
    var settings = others
    for place in parameters.indices { settings[parameters[place].name] = setting(place, features) }
    return settings
  }

  private func setting(_ place: Int, _ features: [Double]) -> Setting {
    let domain = parameters[place].domain
    return domain.setting(nearest: Array(features[offsets[place]..<offsets[place] + domain.featureCount]))
  }

  /// Whether features meet the constraints that are known.
  func allows(_ features: [Double]) -> Bool { space?.allows(settings(features)) ?? true }

  /// Features with another value of a parameter.
  private func replacing(_ place: Int, by setting: Setting, in features: [Double]) -> [Double] {
    var copy = features
    for (index, number) in parameters[place].domain.features(of: setting).enumerated() {
      copy[offsets[place] + index] = number
    }
    return copy
  }

  /// All settings, where there are no more than so many.
  func all(most: Int) -> [[Double]]? {
    guard continuous.isEmpty else { return nil }
    var total = 1.0
    for parameter in parameters { total *= parameter.domain.count }
    guard total <= Double(most) else { return nil }
    var rows: [[Double]] = [[Double](repeating: 0, count: width)]
    for place in parameters.indices {
      let settings = Self.values(parameters[place].domain)
      rows = rows.flatMap { row in settings.map { replacing(place, by: $0, in: row) } }
    }
    return rows.filter(allows)
  }

  /// All values of a domain that has few.
  private static func values(_ domain: Domain) -> [Setting] {
    switch domain {
    case .real(let range, _, let step):
      let step = step ?? 0
      return (0..<Int(domain.count)).map { .real(min(range.lowerBound + Double($0) * step, range.upperBound)) }
    case .integer(let range, _, let step):
      return (0..<Int(domain.count)).map { .integer(range.lowerBound + $0 * max(step, 1)) }
    case .choice(let options): return options.indices.map { .choice($0) }
    case .toggle: return [.toggle(false), .toggle(true)]
    case .subset(let options):
      return (0..<(1 << options.count)).map { bits in .subset(options.indices.filter { bits >> $0 & 1 == 1 }) }
    case .permutation(let options): return orders(Array(options.indices)).map { .permutation($0) }
    }
  }

  private static func orders(_ places: [Int]) -> [[Int]] {
    guard places.count > 1 else { return [places] }
    return places.flatMap { first in orders(places.filter { $0 != first }).map { [first] + $0 } }
  }

  /// Features that are drawn evenly; `nil` where the constraints leave little to be found.
  func random(_ random: inout TrialRandom) -> [Double]? {
    for _ in 0..<100 {
      var features = [Double](repeating: 0, count: width)
      for (place, parameter) in parameters.enumerated() {
        if case .real(_, _, nil) = parameter.domain {
          features[offsets[place]] = random.unit()
        } else {
          let setting = parameter.domain.setting(from: &random)
          for (index, number) in parameter.domain.features(of: setting).enumerated() {
            features[offsets[place] + index] = number
          }
        }
      }
      if allows(features) { return features }
    }
    return nil
  }

  /// Features near others: numbers move by a share of their range, other parameters change now and then.
  func near(_ features: [Double], by share: Double, _ random: inout TrialRandom) -> [Double]? {
    var copy = features
    for (place, parameter) in parameters.enumerated() {
      let offset = offsets[place]
      if parameter.domain.isNumeric {
        copy[offset] = min(max(copy[offset] + share * random.normal(), 0), 1)
        if case .real(_, _, nil) = parameter.domain { continue }
        copy = replacing(place, by: setting(place, copy), in: copy)
      } else if random.unit() < 0.2 {
        copy = replacing(place, by: parameter.domain.setting(from: &random), in: copy)
      }
    }
    return allows(copy) ? copy : nil
  }

  /// Features that differ in one discrete parameter by a small move.
  func moves(_ place: Int, from features: [Double], _ random: inout TrialRandom) -> [[Double]] {
    let domain = parameters[place].domain
    let current = setting(place, features)
    return Self.neighbors(domain, current, &random).map { replacing(place, by: $0, in: features) }.filter(allows)
  }

  private static func neighbors(_ domain: Domain, _ current: Setting, _ random: inout TrialRandom) -> [Setting] {
    if domain.count <= 24 { return values(domain).filter { $0 != current } }
    switch (domain, current) {
    case (.real(_, _, .some), .real), (.integer, .integer):
      // Steps of 1, 2, 4 and so on to both sides, in the grid of the domain.
      let here = domain.features(of: current)[0]
      let cell = 1 / domain.count
      var reach = cell
      var found: [Setting] = []
      while reach < 1 {
        for side in [here - reach, here + reach] where side > 0 && side < 1 {
          found.append(domain.setting(nearest: [side]))
        }
        reach *= 2
      }
      if case .integer(let value) = current, case .integer(let range, .logarithmic, _) = domain {
        // Cells are not even on a logarithmic scale.
        for next in [value - 1, value + 1] where range.contains(next) { found.append(.integer(next)) }
      }
      return Array(Set(found.filter { $0 != current })).sorted { "\($0)" < "\($1)" }
    case (.subset(let options), .subset(let chosen)):
      return options.indices.map { option in
        .subset(chosen.contains(option) ? chosen.filter { $0 != option } : (chosen + [option]).sorted())
      }
    case (.permutation(let options), .permutation(let order)):
      // Every swap of two neighbors, and as many random ones.
      var found: [Setting] = []
      for place in order.indices.dropLast() {
        var next = order
        next.swapAt(place, place + 1)
        found.append(.permutation(next))
        let (first, second) = (random.place(below: options.count), random.place(below: options.count))
        next = order
        next.insert(next.remove(at: first), at: second)
        if next != order { found.append(.permutation(next)) }
      }
      return found
    default:
      return (0..<24).map { _ in domain.setting(from: &random) }.filter { $0 != current }
    }
  }
}
