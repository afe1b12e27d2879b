/// Values drawn evenly from their domains, each independently of all others.
public struct RandomSampler: Sampler {
  /// What sets these trials apart from others.
  public var seed: UInt64

  /// Makes the method.
  ///
  /// - Parameter seed: What sets these trials apart from others.
  public init(seed: UInt64 = 0) { self.seed = seed }

  /// Such as `random(seed: 1)`.
  public var name: String { "random(seed: \(seed))" }
  /// Results do not matter.
  public var width: Int? { nil }

  /// Every parameter's value.
  public func settings(
    of number: Int, in space: [(name: String, domain: Domain)], given history: History
  ) throws -> Settings {
    var settings: Settings = [:]
    for (name, domain) in space {
      settings[name] = try setting(of: name, in: domain, for: number, with: settings, given: history)
    }
    return settings
  }

  /// One parameter's value.
  public func setting(
    of name: String, in domain: Domain, for number: Int, with others: Settings, given history: History
  ) throws -> Setting {
    var random = TrialRandom(seed: seed, trial: number, purpose: name)
    return domain.setting(from: &random)
  }
}

extension Sampler where Self == RandomSampler {
  /// Values drawn evenly from their domains.
  ///
  /// - Parameter seed: What sets these trials apart from others.
  public static func random(seed: UInt64 = 0) -> RandomSampler { RandomSampler(seed: seed) }
}
