import Descent

/// The words of `--prune`, such as `median` or `hyperband:maximum-steps=81:reduction-factor=3`.
enum StudyPruners {
  /// The settings that were given to a rule, each of which is taken once.
  struct Settings {
    let text: String
    var given: [String: String]
    let seed: UInt64
    /// What `then=` names.
    let rule: (any Pruner)?

    private func value<Number: LosslessStringConvertible>(_ name: String, _ words: String) throws -> Number? {
      guard let text = given[name] else { return nil }
      guard let number = Number(text) else {
        throw ExplainError("--prune \(self.text): \(name) is '\(text)', which is not \(words)")
      }
      return number
    }

    func whole(_ name: String, _ usual: Int) throws -> Int { try value(name, "a whole number") ?? usual }
    func number(_ name: String, _ usual: Double) throws -> Double { try value(name, "a number") ?? usual }

    func needed<Number: LosslessStringConvertible>(_ name: String, _ words: String, as example: String) throws -> Number
    {
      guard let number: Number = try value(name, words) else {
        throw ExplainError("--prune \(text): \(name) is missing; say --prune \(example)")
      }
      return number
    }
  }

  private typealias Rule = (name: String, settings: [String], make: @Sendable (Settings) throws -> any Pruner)

  private static let comparing = ["startup-trials", "warmup-steps", "interval", "minimum-trials", "width"]

  private static func percentile(_ percentile: Double, _ settings: Settings) throws -> any Pruner {
    PercentilePruner.percentile(
      percentile, startupTrials: try settings.whole("startup-trials", 5),
      warmupSteps: try settings.whole("warmup-steps", 0), interval: try settings.whole("interval", 1),
      minimumTrials: try settings.whole("minimum-trials", 1), width: try settings.whole("width", 4))
  }

  private static let all: [Rule] = [
    ("median", comparing, { try percentile(50, $0) }),
    (
      "percentile", ["percentile"] + comparing,
      { try percentile($0.needed("percentile", "a number", as: "percentile:percentile=25"), $0) }
    ),
    (
      "successive-halving", ["minimum-steps", "reduction-factor", "delay", "width"],
      {
        HalvingPruner.successiveHalving(
          minimumSteps: try $0.whole("minimum-steps", 1), reductionFactor: try $0.whole("reduction-factor", 4),
          delay: try $0.whole("delay", 0), width: try $0.whole("width", 4))
      }
    ),
    (
      "hyperband", ["maximum-steps", "minimum-steps", "reduction-factor", "width"],
      {
        HalvingPruner.hyperband(
          minimumSteps: try $0.whole("minimum-steps", 1),
          maximumSteps: try $0.needed("maximum-steps", "a whole number", as: "hyperband:maximum-steps=81"),
          reductionFactor: try $0.whole("reduction-factor", 3), seed: $0.seed, width: try $0.whole("width", 4))
      }
    ),
    (
      "patience", ["patience", "tolerance", "then"],
      {
        PatiencePruner.patience(
          try $0.needed("patience", "a whole number", as: "patience:patience=3"),
          tolerance: try $0.number("tolerance", 0), then: $0.rule)
      }
    ),
    (
      "threshold", ["lower", "upper", "warmup-steps"],
      {
        ThresholdPruner.threshold(
          lower: try $0.number("lower", -.infinity), upper: try $0.number("upper", .infinity),
          warmupSteps: try $0.whole("warmup-steps", 0))
      }
    ),
    (
      "wilcoxon", ["probability", "startup-steps", "width"],
      {
        WilcoxonPruner.wilcoxon(
          probability: try $0.number("probability", 0.1), startupSteps: try $0.whole("startup-steps", 2),
          width: try $0.whole("width", 4))
      }
    ),
  ]

  static var names: String { all.map(\.name).joined(separator: ", ") }

  static let help: String = """
    Ends programs early whose intermediate values fall behind: \(names). Settings follow as :NAME=VALUE, as in \
    median:warmup-steps=5, percentile:percentile=25, hyperband:maximum-steps=81; after patience, then= names a rule that \
    decides.
    """

  /// The rule of a text.
  ///
  /// - Parameter seed: What sets random sharing out apart from others.
  /// - Throws: `ExplainError` where it cannot be read; `SearchError` of settings that make no sense.
  static func pruner(_ text: String, seed: UInt64) throws -> any Pruner {
    // What follows `then=` is a rule of its own, with its settings.
    let parts = text.components(separatedBy: ":then=")
    let rule = parts.count == 1 ? nil : try pruner(parts.dropFirst().joined(separator: ":then="), seed: seed)
    let words = parts[0].split(separator: ":", omittingEmptySubsequences: false).map(NamedValues.trimmed)
    let name = words[0]
    guard let found = all.first(where: { $0.name == name }) else {
      let hint = nearestName(to: name, among: all.map(\.name)).map { "did you mean '\($0)'?" }
      throw ExplainError("--prune \(text): there is no rule '\(name)'; \(hint ?? "there are \(names)")")
    }
    let known = found.settings.joined(separator: ", ")
    if rule != nil, !found.settings.contains("then") {
      throw ExplainError("--prune \(text): \(name) has no setting 'then'; there are \(known)")
    }
    var given: [String: String] = [:]
    for word in words.dropFirst() {
      let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(NamedValues.trimmed)
      guard pair.count == 2 else {
        throw ExplainError("--prune \(text): '\(word)' is not NAME=VALUE; \(name) has \(known)")
      }
      guard found.settings.contains(pair[0]) else {
        let hint = nearestName(to: pair[0], among: found.settings).map { "did you mean '\($0)'?" }
        throw ExplainError("--prune \(text): \(name) has no setting '\(pair[0])'; \(hint ?? "there are \(known)")")
      }
      guard given.updateValue(pair[1], forKey: pair[0]) == nil else {
        throw ExplainError("--prune \(text): \(pair[0]) is given twice")
      }
    }
    let pruner = try found.make(Settings(text: text, given: given, seed: seed, rule: rule))
    try pruner.check()
    return pruner
  }
}
