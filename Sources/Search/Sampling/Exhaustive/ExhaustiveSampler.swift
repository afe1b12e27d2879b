import DescentGraph

/// Every setting of a grid over a declared space, each once.
///
/// How many there are is told before anything is tried: by ``Space/size(points:)``, and by the error where they are more than
/// the limit.
public struct ExhaustiveSampler: Sampler {
  /// How many values a range has at most, `nil` for all of its values.
  public let points: Int?
  /// The most settings.
  public let limit: Int
  private let trees = Trees()

  /// The grids that were made, by their spaces.
  private final class Trees: Sendable {
    let made = Guarded<[Space: SettingsTree]>([:])
  }

  init(points: Int?, limit: Int) { (self.points, self.limit) = (points, limit) }

  /// Such as `grid(points: 10)` or `bruteForce`.
  public var name: String { points.map { "grid(points: \($0))" } ?? "bruteForce" }
  /// Results do not matter.
  public var width: Int? { nil }

  /// Refuses a space that is not declared, cannot be counted, or is too large.
  public func check(_ space: Space?, objectives: Int) throws {
    if let points, points < 1 { throw SearchError(name, "\(points) points, where 1 or more are needed") }
    guard limit >= 1 else { throw SearchError(name, "a limit of \(limit) settings, where 1 or more are needed") }
    guard let space else {
      throw SearchError(name, "what has to be counted has to be declared: Study(…, over: space, …)")
    }
    if points == nil, let endless = space.parameters.first(where: { $0.domain.count == .infinity }) {
      let words = "\(endless.domain), all of whose real numbers cannot be tried"
      if case .real = endless.domain {
        throw SearchError(name, "\(endless.name) is \(words); give it a step, or take .grid(points:)")
      }
    }
    _ = try tree(space)
  }

  private func tree(_ space: Space) throws -> SettingsTree {
    if let known = trees.made.withLock({ $0[space] }) { return known }
    let tree = try SettingsTree(space, points: points, limit: limit, subject: name)
    trees.made.withLock { $0[space] = tree }
    return tree
  }

  /// As many as there are settings.
  public func trialCount(in space: Space?) -> Int? { space.flatMap { try? tree($0).count } }

  /// The setting of a trial's number.
  public func settings(
    of number: Int, in space: [(name: String, domain: Domain)], given history: History
  ) throws -> Settings {
    guard let declared = history.space else { throw SearchError(name, "the space is not declared") }
    return try tree(declared).settings(at: number)
  }

  /// A parameter that the declared space does not have: the middle of its range, or its first option.
  public func setting(
    of name: String, in domain: Domain, for number: Int, with others: Settings, given history: History
  ) throws -> Setting {
    throw SearchError(
      name, "the declared space has no such parameter, so that \(self.name) cannot try all of its values")
  }
}

extension Sampler where Self == ExhaustiveSampler {
  /// Every setting of a grid over a declared space.
  ///
  /// - Parameters:
  ///   - points: How many values a range has at most, evenly spread from one end to the other; options are all tried.
  ///   - limit: The most settings; a study with more is refused.
  public static func grid(points: Int, limit: Int = 1_000_000) -> ExhaustiveSampler {
    ExhaustiveSampler(points: points, limit: limit)
  }

  /// Every setting of a declared space, whose real numbers have steps.
  ///
  /// - Parameter limit: The most settings; a study with more is refused.
  public static func bruteForce(limit: Int = 1_000_000) -> ExhaustiveSampler {
    ExhaustiveSampler(points: nil, limit: limit)
  }

  /// Every setting of a declared space, whose real numbers have steps; at most a million.
  public static var bruteForce: ExhaustiveSampler { bruteForce() }
}
