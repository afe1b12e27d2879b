/// All settings of a grid over a space, in the order of its parameters, of which the last moves first.
struct SettingsTree: Sendable {
  /// The values of each parameter.
  private let values: [Int]
  private let parameters: [Space.Parameter]
  private let points: Int?
  /// Where parameters come and go or settings are forbidden: the places of the values of every setting, one setting after
  /// the other, −1 for a parameter that is not there.
  private let list: [Int32]?
  /// How many settings there are.
  let count: Int

  /// Lists settings.
  ///
  /// - Throws: `SearchError` where there are more than `limit`.
  init(_ space: Space, points: Int?, limit: Int, subject: String) throws {
    (parameters, self.points) = (space.parameters, points)
    let size = space.size(points: points)
    func tooMany(_ size: SearchSize) -> SearchError {
      SearchError(
        subject,
        "\(size.text(secondsEach: 0.001)), and the limit is \(limit); "
          + "take a method that samples, fewer points, or a higher limit")
    }
    let isFlat = space.constraints.isEmpty && space.parameters.allSatisfy { $0.condition == nil }
    if isFlat {
      guard let count = size.count, count <= limit else { throw tooMany(size) }
      values = space.parameters.map { Self.count($0.domain, points) }
      (self.count, list) = (count, nil)
      return
    }
    // Each parameter's values have to be few enough to be listed at all.
    for parameter in space.parameters {
      let own = Space([parameter]).size(points: points)
      guard let count = own.count, count <= limit else { throw tooMany(size) }
    }
    values = space.parameters.map { Self.count($0.domain, points) }
    var places = [Int32](repeating: -1, count: values.count)
    var (found, steps, settings): ([Int32], Int, Settings) = ([], 0, [:])
    let (values, domains) = (values, space.domains)
    func visit(_ level: Int) throws {
      steps += 1
      // Branches that end forbidden are steps as well.
      guard steps <= 16 * limit, found.count <= limit * values.count else { throw tooMany(size) }
      guard level < values.count else {
        if space.allows(settings) { found += places }
        return
      }
      let parameter = space.parameters[level]
      guard parameter.condition?.holds(settings, in: domains) ?? true else {
        places[level] = -1
        return try visit(level + 1)
      }
      for place in 0..<values[level] {
        places[level] = Int32(place)
        settings[parameter.name] = Self.setting(parameter.domain, place, points)
        // A constraint that is violated already is violated by all that follow, unless it speaks of later ones.
        if space.allows(settings) { try visit(level + 1) }
      }
      settings[parameter.name] = nil
    }
    try visit(0)
    guard found.count <= limit * values.count else { throw tooMany(size) }
    guard !found.isEmpty else {
      throw SearchError(
        subject, "no setting is allowed, where \(space.constraints.map { "\($0)" }.joined(separator: "; "))")
    }
    (list, count) = (found, found.count / max(values.count, 1))
  }

  /// A setting, by its place from 0.
  func settings(at place: Int) -> Settings {
    guard (0..<count).contains(place) else { return [:] }
    var settings: Settings = [:]
    var left = place
    for level in parameters.indices.reversed() {
      let own: Int
      if let list {
        own = Int(list[place * parameters.count + level])
      } else {
        (left, own) = left.quotientAndRemainder(dividingBy: values[level])
      }
      guard own >= 0 else { continue }
      settings[parameters[level].name] = Self.setting(parameters[level].domain, own, points)
    }
    return settings
  }

  private static func count(_ domain: Domain, _ points: Int?) -> Int {
    let count = domain.count
    guard domain.isNumeric, let points, count > Double(points) else { return Int(min(count, 0x1p53)) }
    return max(points, 1)
  }

  /// A value of a domain by its place among those of the grid: all of them, or so many that are evenly spread from one end of
  /// a range to the other.
  private static func setting(_ domain: Domain, _ place: Int, _ points: Int?) -> Setting {
    let count = count(domain, points)
    if domain.isNumeric, domain.count > Double(count) {
      return domain.setting(at: [count == 1 ? 0.5 : Double(place) / Double(count - 1)])
    }
    switch domain {
    case .integer(let range, _, let step): return .integer(range.lowerBound + place * step)
    case .real, .choice: return domain.setting(at: [(Double(place) + 0.5) / Double(count)])
    case .toggle: return .toggle(place == 1)
    case .subset(let options): return .subset(options.indices.filter { place >> $0 & 1 == 1 })
    case .permutation(let options):
      var (left, rest, order): (Int, [Int], [Int]) = (place, Array(options.indices), [])
      var factorials = [1]
      for number in 1..<max(options.count, 1) { factorials.append(factorials[number - 1] * number) }
      for factorial in factorials.reversed() {
        let (position, remainder) = left.quotientAndRemainder(dividingBy: factorial)
        order.append(rest.remove(at: min(position, rest.count - 1)))
        left = remainder
      }
      return .permutation(order)
    }
  }
}
