import DescentData
import Foundation

/// How children come from two parents, for every kind of parameter.
///
/// Numbers are crossed and mutated on their scale; choices, toggles and each option of a subset come from one parent or the
/// other and are drawn anew; orders are crossed so that they stay orders.
public struct GeneticOperators: Hashable, Sendable, Codable {
  /// How numbers of two parents are crossed.
  public enum NumberCrossover: Hashable, Sendable, Codable {
    /// Around the parents, at distances that a larger spread makes smaller (Deb and Agrawal, *Simulated binary crossover for
    /// continuous search space*, 1995).
    case simulatedBinary(spread: Double = 15)
    /// Evenly between the parents and so much of their distance beyond (Eshelman and Schaffer, 1993).
    case blend(beyond: Double = 0.5)
    /// From one parent or the other.
    case uniform
  }

  /// How the orders of two parents are crossed.
  public enum OrderCrossover: String, Hashable, Sendable, Codable {
    /// A stretch of one parent, and the rest in the order of the other (Davis, 1985).
    case order
    /// A stretch of one parent, and the places of the other as far as they are free (Goldberg and Lingle, 1985).
    case partiallyMapped
    /// Every option at the place that one of the parents has for it (Oliver, Smith, Holland, 1987).
    case cycle
  }

  /// How an order is mutated.
  public enum OrderMutation: String, Hashable, Sendable, Codable {
    /// Two options change places.
    case swap
    /// An option moves to another place.
    case insertion
    /// A stretch is turned around: the move of 2-opt.
    case inversion
  }

  /// The probability that two parents are crossed at all.
  public var crossoverProbability: Double
  /// The probability that a parameter is mutated; 1/n for n parameters where `nil`.
  public var mutationProbability: Double?
  /// How numbers are crossed.
  public var numbers: NumberCrossover
  /// How small mutations of numbers are: larger is smaller (polynomial mutation of Deb and Goyal, 1996).
  public var mutationSpread: Double
  /// How orders are crossed.
  public var orders: OrderCrossover
  /// How orders are mutated.
  public var orderMutation: OrderMutation

  /// Makes operators.
  public init(
    crossoverProbability: Double = 0.9, mutationProbability: Double? = nil,
    numbers: NumberCrossover = .simulatedBinary(), mutationSpread: Double = 20, orders: OrderCrossover = .order,
    orderMutation: OrderMutation = .inversion
  ) {
    self.crossoverProbability = crossoverProbability
    self.mutationProbability = mutationProbability
    self.numbers = numbers
    self.mutationSpread = mutationSpread
    self.orders = orders
    self.orderMutation = orderMutation
  }

  /// Refuses what makes no sense.
  func check(_ name: String) throws {
    for probability in [crossoverProbability, mutationProbability ?? 0] where !(0...1).contains(probability) {
      throw SearchError(name, "a probability lies between 0 and 1, and \(probability) was given")
    }
    let amount: Double =
      switch numbers {
      case .simulatedBinary(let spread): spread
      case .blend(let beyond): beyond
      case .uniform: 0
      }
    for amount in [amount, mutationSpread] where !(amount >= 0) || !amount.isFinite {
      throw SearchError(name, "spreads of crossover and mutation are not negative, and \(amount) was given")
    }
  }

  /// Two children of two parents.
  func children(_ first: Settings, _ second: Settings, of genome: Genome, _ random: inout ElementRandom) -> [Settings] {
    let (first, second) = (genome.completed(first, &random), genome.completed(second, &random))
    var children = [first, second]
    let isCrossed = random.unit() < crossoverProbability
    let rate = mutationProbability ?? 1 / Double(max(genome.parameters.count, 1))
    for parameter in genome.parameters {
      guard let a = first[parameter.name], let b = second[parameter.name] else { continue }
      var (x, y) = isCrossed ? crossed(a, b, in: parameter.domain, &random) : (a, b)
      if random.unit() < rate { x = mutated(x, in: parameter.domain, &random) }
      if random.unit() < rate { y = mutated(y, in: parameter.domain, &random) }
      children[0][parameter.name] = x
      children[1][parameter.name] = y
    }
    return children
  }

  /// Two values that are made of those of two parents.
  func crossed(
    _ a: Setting, _ b: Setting, in domain: Domain, _ random: inout ElementRandom
  ) -> (Setting, Setting) {
    switch (domain, a, b) {
    case (.real, _, _), (.integer, _, _): return crossedNumbers(a, b, in: domain, &random)
    case (.subset(let options), .subset(let a), .subset(let b)):
      let (inA, inB) = (Set(a), Set(b))
      var (first, second) = ([Int](), [Int]())
      for option in options.indices {
        let isKept = random.unit() < 0.5
        if (isKept ? inA : inB).contains(option) { first.append(option) }
        if (isKept ? inB : inA).contains(option) { second.append(option) }
      }
      return (.subset(first), .subset(second))
    case (.permutation, .permutation(let a), .permutation(let b)):
      let (first, second) = crossedOrders(a, b, &random)
      return (.permutation(first), .permutation(second))
    default: return random.unit() < 0.5 ? (a, b) : (b, a)
    }
  }

  private func crossedNumbers(
    _ a: Setting, _ b: Setting, in domain: Domain, _ random: inout ElementRandom
  ) -> (Setting, Setting) {
    // Half of the numbers stay what they are, as each parent has them.
    guard a != b, random.unit() < 0.5 else { return (a, b) }
    let (x, y) = (domain.coordinates(of: a)[0], domain.coordinates(of: b)[0])
    let (low, high) = (min(x, y), max(x, y))
    guard high - low > 1e-14 else { return (a, b) }
    switch numbers {
    case .uniform: return (b, a)
    case .blend(let beyond):
      let reach = beyond * (high - low)
      let range = (low - reach)...(high + reach)
      return (domain.setting(at: [random.number(in: range)]), domain.setting(at: [random.number(in: range)]))
    case .simulatedBinary(let spread):
      let draw = random.unit()
      func step(_ room: Double) -> Double {
        let beta = 1 + 2 * room / (high - low)
        let alpha = 2 - pow(beta, -(spread + 1))
        let ratio = draw <= 1 / alpha ? draw * alpha : 1 / (2 - draw * alpha)
        return pow(ratio, 1 / (spread + 1)) * (high - low)
      }
      let lower = domain.setting(at: [(low + high - step(low)) / 2])
      let upper = domain.setting(at: [(low + high + step(1 - high)) / 2])
      return random.unit() < 0.5 ? (lower, upper) : (upper, lower)
    }
  }

  /// Another value near one.
  func mutated(_ setting: Setting, in domain: Domain, _ random: inout ElementRandom) -> Setting {
    switch (domain, setting) {
    case (.real, _), (.integer, _):
      let x = domain.coordinates(of: setting)[0]
      let draw = random.unit()
      let power = mutationSpread + 1
      let step =
        draw <= 0.5
        ? pow(2 * draw + (1 - 2 * draw) * pow(1 - x, power), 1 / power) - 1
        : 1 - pow(2 * (1 - draw) + 2 * (draw - 0.5) * pow(x, power), 1 / power)
      let moved = domain.setting(at: [x + step])
      // Of values that are far apart, a small step would be none.
      return moved == setting && domain.count.isFinite ? domain.neighbor(of: setting, isUp: draw > 0.5) : moved
    case (.choice(let options), .choice(let place)) where options.count > 1:
      let other = random.place(below: options.count - 1)
      return .choice(other >= place ? other + 1 : other)
    case (.toggle, .toggle(let isOn)): return .toggle(!isOn)
    case (.subset(let options), .subset(let places)) where !options.isEmpty:
      // One option for certain, and each other with the probability of one.
      var chosen = Set(places)
      let first = random.place(below: options.count)
      for option in options.indices where option == first || random.unit() < 1 / Double(options.count) {
        if chosen.remove(option) == nil { chosen.insert(option) }
      }
      return .subset(chosen.sorted())
    case (.permutation, .permutation(let places)) where places.count > 1:
      return .permutation(mutatedOrder(places, &random))
    default: return setting
    }
  }
}

extension Domain {
  /// The next value above or below one; at an end, the next one inside.
  func neighbor(of setting: Setting, isUp: Bool) -> Setting {
    switch (self, setting) {
    case (.integer(let range, _, let step), .integer(let value)):
      let (up, down) = (value.addingReportingOverflow(step), value.subtractingReportingOverflow(step))
      let canGoUp = !up.overflow && up.partialValue <= range.upperBound
      let canGoDown = !down.overflow && down.partialValue >= range.lowerBound
      if canGoUp, isUp || !canGoDown { return .integer(up.partialValue) }
      return canGoDown ? .integer(down.partialValue) : setting
    case (.real(_, _, _?), .real):
      let cell = 1 / max(count, 1)
      let x = coordinates(of: setting)[0]
      let goesUp = x + cell < 1 && (isUp || x - cell < 0)
      return self.setting(at: [goesUp ? x + cell : x - cell])
    default: return setting
    }
  }
}
