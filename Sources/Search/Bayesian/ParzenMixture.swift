import Foundation

/// A density over settings: a mixture of kernels around some of them, and one over the whole space.
///
/// In numbers a kernel is a normal distribution that is cut off at the ends of the range, whose width falls with the number
/// of kernels by Scott's rule; where values lie apart, each has the probability of its cell. An option that is not the
/// kernel's own has a share of the probability that falls likewise. Around an order of options, others are less likely the
/// more pairs they have the other way around (Mallows, 1957).
struct ParzenMixture {
  private let domains: [Domain]
  /// A kernel's settings, in the order of the parameters; the last kernel is the wide one and has none.
  private let centers: [[Setting]]
  private let logWeights: [Double]
  private let totals: [Double]
  private let parts: [Part]

  /// The kernels of one parameter.
  private enum Part {
    /// Centers along the coordinate, the width of each kernel, and the logarithm of what its density is divided by.
    case line(centers: [Double], deviations: [Double], logScales: [Double], cells: Cells?)
    /// For each kernel the option; those of the others share the rest.
    case options(centers: [Int], count: Int, logOwn: Double, logOther: Double)
    /// For each kernel and option whether it is in.
    case bits(centers: [[Bool]], logSame: Double, logOther: Double)
    case orders(centers: [[Int]], logNormalizer: Double, count: Int)
  }

  /// How values that lie apart divide a coordinate.
  private struct Cells {
    let domain: Domain

    /// The ends of a value's cell.
    func range(_ setting: Setting) -> (low: Double, high: Double) {
      let middle = domain.coordinates(of: setting)[0]
      if case .integer(let range, .logarithmic, _) = domain, case .integer(let value) = setting {
        let (low, high) = (log(Double(range.lowerBound) - 0.5), log(Double(range.upperBound) + 0.5))
        return ((log(Double(value) - 0.5) - low) / (high - low), (log(Double(value) + 0.5) - low) / (high - low))
      }
      let half = 0.5 / domain.count
      return (middle - half, middle + half)
    }
  }

  /// How strongly orders keep to that of their kernel.
  private static let orderStrength = 1.0

  /// - Parameters:
  ///   - domains: The parameters.
  ///   - settings: What the kernels stand around, in the order of the trials: older ones count for less.
  init(_ domains: [Domain], around settings: [[Setting]]) {
    self.domains = domains
    centers = settings
    let count = settings.count
    let weights = Self.weights(count) + [1]
    let total = weights.reduce(0, +)
    totals = weights.reduce(into: []) { $0.append(($0.last ?? 0) + $1) }
    logWeights = weights.map { log($0 / total) }
    let width = domains.reduce(0) { $0 + $1.coordinateCount }
    parts = domains.enumerated().map { place, domain in
      Self.part(domain, settings.map { $0[place] }, count: count, width: width)
    }
  }

  /// The newest 25 count fully, those before the less the older they are.
  static func weights(_ count: Int) -> [Double] {
    let old = count - 25
    guard old > 0 else { return [Double](repeating: 1, count: count) }
    let first = 1 / Double(count)
    return (0..<old).map { old == 1 ? first : first + (1 - first) * Double($0) / Double(old - 1) }
      + [Double](repeating: 1, count: 25)
  }

  private static func part(_ domain: Domain, _ settings: [Setting], count: Int, width: Int) -> Part {
    switch domain {
    case .real, .integer:
      let scott = 0.2 * pow(Double(max(count, 1)), -1 / Double(width + 4))
      let deviation = min(max(scott, 1 / min(100, Double(count + 1))), 1)
      let centers = settings.map { domain.coordinates(of: $0)[0] } + [0.5]
      let deviations = [Double](repeating: deviation, count: count) + [1]
      var cells: Cells? = nil
      if case .real(_, _, nil) = domain { cells = nil } else { cells = Cells(domain: domain) }
      let scales = zip(centers, deviations).map { center, deviation in
        -log(Normal.distribution((1 - center) / deviation) - Normal.distribution(-center / deviation)) - log(deviation)
      }
      return .line(centers: centers, deviations: deviations, logScales: scales, cells: cells)
    case .choice, .toggle:
      let options = Int(domain.count)
      let centers = settings.map { setting in
        switch setting {
        case .choice(let place): place
        case .toggle(let isOn): isOn ? 1 : 0
        default: 0
        }
      }
      // One count for the kernel's own option, and one shared among all kernels and options.
      let share = 1 / Double(count + 1)
      let whole = 1 + share * Double(options)
      return .options(
        centers: centers, count: options, logOwn: log((1 + share) / whole), logOther: log(share / whole))
    case .subset(let options):
      let share = 1 / Double(count + 1)
      let centers = settings.map { setting -> [Bool] in
        guard case .subset(let places) = setting else { return options.map { _ in false } }
        return options.indices.map(places.contains)
      }
      return .bits(
        centers: centers, logSame: log((1 + share) / (1 + 2 * share)), logOther: log(share / (1 + 2 * share)))
    case .permutation(let options):
      let centers = settings.map { setting -> [Int] in
        guard case .permutation(let order) = setting else { return Array(options.indices) }
        return order
      }
      var normalizer = 0.0
      for size in 1..<max(options.count + 1, 2) {
        normalizer += log((1 - exp(-orderStrength * Double(size))) / (1 - exp(-orderStrength)))
      }
      return .orders(centers: centers, logNormalizer: normalizer, count: options.count)
    }
  }

  // MARK: Density

  /// The logarithm of the density at settings; of values that lie apart, of their probability.
  func logDensity(_ settings: [Setting]) -> Double {
    var sums = logWeights
    for (place, setting) in settings.enumerated() { add(parts[place], domains[place], setting, to: &sums) }
    let most = sums.max() ?? 0
    guard most > -.infinity else { return most }
    return most + log(sums.reduce(0) { $0 + exp($1 - most) })
  }

  private func add(_ part: Part, _ domain: Domain, _ setting: Setting, to sums: inout [Double]) {
    switch part {
    case .line(let centers, let deviations, let logScales, let cells):
      let x = domain.coordinates(of: setting)[0]
      let cell = cells.map { $0.range(setting) }
      let span = cell.map { $0.high - $0.low } ?? 0
      for kernel in sums.indices {
        let (center, deviation) = (centers[kernel], deviations[kernel])
        if let cell, span > 0.25 * deviation || domain.count <= 64 {
          let inside =
            Normal.distribution((cell.high - center) / deviation) - Normal.distribution((cell.low - center) / deviation)
          sums[kernel] += log(max(inside, 1e-300)) + logScales[kernel] + log(deviation)
        } else {
          let z = (x - center) / deviation
          sums[kernel] += logScales[kernel] - 0.5 * z * z - Normal.logRootTwoPi
          // A cell that is small beside the kernel has the density's probability.
          if span > 0 { sums[kernel] += log(span) }
        }
      }
    case .options(let centers, let count, let logOwn, let logOther):
      let own: Int
      switch setting {
      case .choice(let place): own = place
      case .toggle(let isOn): own = isOn ? 1 : 0
      default: own = 0
      }
      for kernel in centers.indices { sums[kernel] += centers[kernel] == own ? logOwn : logOther }
      sums[centers.count] -= log(Double(count))
    case .bits(let centers, let logSame, let logOther):
      guard case .subset(let places) = setting else { return }
      let count = centers.first?.count ?? Int(log2(domain.count).rounded())
      let bits = (0..<count).map(places.contains)
      for kernel in centers.indices {
        let same = zip(centers[kernel], bits).count { $0 == $1 }
        sums[kernel] += Double(same) * logSame + Double(count - same) * logOther
      }
      sums[centers.count] -= Double(count) * log(2)
    case .orders(let centers, let logNormalizer, let count):
      guard case .permutation(let order) = setting else { return }
      for kernel in centers.indices {
        let swaps = Self.swaps(from: centers[kernel], to: order)
        sums[kernel] -= Self.orderStrength * Double(swaps) + logNormalizer
      }
      sums[centers.count] -= lgamma(Double(count) + 1)
    }
  }

  /// How many pairs two orders have the other way around.
  private static func swaps(from a: [Int], to b: [Int]) -> Int {
    var rank = [Int](repeating: 0, count: a.count)
    for (place, option) in a.enumerated() where rank.indices.contains(option) { rank[option] = place }
    let ranks = b.map { rank.indices.contains($0) ? rank[$0] : 0 }
    var swaps = 0
    for first in ranks.indices { for second in 0..<first where ranks[second] > ranks[first] { swaps += 1 } }
    return swaps
  }

  // MARK: Drawing

  /// Settings that are drawn from the density.
  func draw(_ random: inout TrialRandom) -> [Setting] {
    let place = random.unit() * (totals.last ?? 1)
    let kernel = min(totals.firstIndex { place < $0 } ?? totals.count - 1, totals.count - 1)
    return parts.indices.map { draw(parts[$0], domains[$0], kernel, &random) }
  }

  private func draw(_ part: Part, _ domain: Domain, _ kernel: Int, _ random: inout TrialRandom) -> Setting {
    if case .line(let centers, let deviations, _, _) = part {
      return domain.setting(at: [Self.inside(centers[kernel], deviations[kernel], &random)])
    }
    guard kernel < centers.count else { return domain.setting(from: &random) }
    switch part {
    case .line: return domain.setting(from: &random)
    case .options(let centers, let count, let logOwn, _):
      var place = centers[kernel]
      if count > 1, random.unit() >= exp(logOwn) {
        let other = random.place(below: count - 1)
        place = other < place ? other : other + 1
      }
      return domain == .toggle ? .toggle(place == 1) : .choice(place)
    case .bits(let centers, let logSame, _):
      let bits = centers[kernel].map { random.unit() < exp(logSame) ? $0 : !$0 }
      return .subset(bits.indices.filter { bits[$0] })
    case .orders(let centers, _, _):
      // Repeated insertion: each option enters some places before its own, each place less likely by the same factor.
      var order: [Int] = []
      for option in centers[kernel] {
        var back = 0
        let weights = (0...order.count).map { exp(-Self.orderStrength * Double($0)) }
        var rest = random.unit() * weights.reduce(0, +)
        while back < order.count, rest >= weights[back] {
          rest -= weights[back]
          back += 1
        }
        order.insert(option, at: order.count - back)
      }
      return .permutation(order)
    }
  }

  /// A normal number within 0 and 1.
  private static func inside(_ center: Double, _ deviation: Double, _ random: inout TrialRandom) -> Double {
    let (low, high) = (Normal.distribution(-center / deviation), Normal.distribution((1 - center) / deviation))
    let z = Normal.quantile(low + (high - low) * (Double(random.next() >> 11) + 0.5) * 0x1p-53)
    return min(max(center + deviation * z, 0), 1)
  }
}
