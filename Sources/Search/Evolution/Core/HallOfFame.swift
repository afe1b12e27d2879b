/// The best individuals that were ever evaluated, each once, from the best to the worst, by one objective.
public struct HallOfFame<Individual: Hashable & Sendable>: Hashable, Sendable {
  /// How many it holds at most.
  public let capacity: Int
  /// Its members, from the best to the worst; of equal ones the earlier first.
  public private(set) var members: [Evaluated<Individual>] = []

  /// Makes an empty hall.
  ///
  /// - Parameter capacity: How many it holds at most.
  public init(capacity: Int = 10) { self.capacity = max(capacity, 0) }

  /// The best of all.
  public var best: Evaluated<Individual>? { members.first }

  /// Takes an individual in, where it is good enough and not a member yet; failures never are.
  ///
  /// - Complexity: O(capacity).
  public mutating func insert(_ individual: Individual, _ outcome: Outcome) {
    guard !outcome.isFailure, capacity > 0, !members.contains(where: { $0.individual == individual }) else { return }
    let place = members.firstIndex { outcome.isBetter(than: $0.outcome) } ?? members.count
    guard place < capacity else { return }
    members.insert(Evaluated(individual, outcome), at: place)
    if members.count > capacity { members.removeLast() }
  }

  /// Takes the individuals of a generation in.
  public mutating func insert(_ individuals: [Individual], _ values: [Double]) {
    for (individual, value) in zip(individuals, values) { insert(individual, Outcome(value)) }
  }
}

extension HallOfFame: Codable where Individual: Codable {
  /// Reads a hall.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of members that do not belong there.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("HallOfFame", decoder, by: CodingKeys.self)
    let members: [Evaluated<Individual>] = try reader.value(.members)
    self.init(capacity: try reader.count(.capacity, in: 0...Int.max))
    for member in members { insert(member.individual, member.outcome) }
    // What it would not take in as it stands was never in it.
    try reader.check(self.members == members, .members, "are the best, each once and in order", found: members.count)
  }
}

/// The individuals that no other dominates, of all that were ever evaluated, by several objectives.
///
/// What is allowed dominates what is not; of two that are not, the one that violates less dominates.
public struct ParetoArchive<Individual: Hashable & Sendable>: Hashable, Sendable {
  /// How many it holds at most; the most crowded give way.
  public let capacity: Int
  /// Its members.
  public private(set) var members: [Evaluated<Individual>] = []

  /// Makes an empty archive.
  ///
  /// - Parameter capacity: How many it holds at most.
  public init(capacity: Int = 1_000) { self.capacity = max(capacity, 1) }

  /// Takes an individual in, where no member dominates it or is its equal, and drops members that it dominates.
  ///
  /// - Complexity: O(members), and O(m · members · log members) for m objectives where it is full.
  public mutating func insert(_ individual: Individual, _ outcome: Outcome) {
    guard !outcome.isFailure else { return }
    let isWorse = members.contains { $0.individual == individual || $0.outcome.dominates(outcome) }
    guard !isWorse else { return }
    members.removeAll { outcome.dominates($0.outcome) }
    members.append(Evaluated(individual, outcome))
    guard members.count > capacity else { return }
    let distances = crowdingDistances(of: members.map(\.outcome.values))
    let crowded = distances.indices.min { (distances[$0], $0) < (distances[$1], $1) }
    if let crowded { members.remove(at: crowded) }
  }
}

extension ParetoArchive: Codable where Individual: Codable {
  /// Reads an archive.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of members that do not belong there.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("ParetoArchive", decoder, by: CodingKeys.self)
    let members: [Evaluated<Individual>] = try reader.value(.members)
    self.init(capacity: try reader.count(.capacity, in: 1...Int.max))
    for member in members { insert(member.individual, member.outcome) }
    // What it would not take in as it stands was never in it.
    try reader.check(self.members == members, .members, "dominate none of the others", found: members.count)
  }
}

extension Outcome {
  /// Whether the outcome is better whatever the objectives weigh, by Deb's rules.
  func dominates(_ other: Outcome) -> Bool {
    if isFailure || other.isFailure { return !isFailure }
    if violation > 0 || other.violation > 0 { return violation < other.violation }
    return values.count == other.values.count && Dominance.dominates(values, other.values)
  }
}

extension Collection<Outcome> where Index == Int {
  /// The positions in fronts: those that are allowed by their objectives, followed by those that are not, by how much they
  /// violate, and failures.
  func fronts() -> [[Int]] {
    let feasible = indices.filter { self[$0].isFeasible }
    var fronts = nonDominatedFronts(of: feasible.map { self[$0].values }).map { $0.map { feasible[$0] } }
    let violating = indices.filter { !self[$0].isFeasible && !self[$0].isFailure }
    for (_, group) in Dictionary(grouping: violating, by: { self[$0].violation }).sorted(by: { $0.key < $1.key }) {
      fronts.append(group.sorted())
    }
    let failed = indices.filter { self[$0].isFailure }
    if !failed.isEmpty { fronts.append(failed) }
    return fronts
  }
}
