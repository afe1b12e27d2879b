import DescentPlotting
import Foundation

/// How much the parameters of a study matter for its results.
public struct Importances: Sendable, Hashable {
  /// How importance is measured.
  public enum Method: Sendable, Hashable {
    /// The share of the results' variance over the whole space that comes from a parameter alone, by a random forest
    /// (functional analysis of variance; Hutter, Hoos and Leyton-Brown, 2014).
    case variance
    /// How fast results change along a parameter, by the length scales of a Gaussian process.
    case lengthScales
  }

  /// One parameter's part.
  public struct Share: Sendable, Hashable {
    /// The parameter.
    public let name: String
    /// Its part of what all parameters have, from 0 to 1.
    public let share: Double
  }

  /// The parameters, those that matter most first; the shares add up to 1.
  public let shares: [Share]

  /// The part of a parameter; `nil` where it is not known.
  public subscript(name: String) -> Double? { shares.first { $0.name == name }?.share }

  /// Measures importance from trials that have completed.
  ///
  /// Parameters that some of them lack, such as those of a conditional part, count as in the middle of their values there;
  /// parameters with one value do not matter.
  ///
  /// - Parameters:
  ///   - trials: The trials; those that failed or were pruned do not count.
  ///   - objective: Which of the objectives.
  ///   - method: How importance is measured.
  ///   - seed: The seed of the random numbers.
  /// - Throws: `SearchError` where fewer than two trials have completed.
  /// - Complexity: O(t·d·n log² n) for n trials of d features and t = 64 trees; O(n³) by length scales.
  public init(
    of trials: [TrialRecord], objective: Int = 0, by method: Method = .variance, seed: UInt64 = 0
  ) throws {
    let whole = trials.filter { trial in
      trial.state == .complete && trial.values.indices.contains(objective) && trial.values[objective].isFinite
    }
    guard whole.count >= 2 else {
      throw SearchError(
        "Importances", "\(whole.count) trials have completed with a finite result, where at least 2 are needed")
    }
    let table = FeatureTable(whole)
    let targets = whole.map { $0.values[objective] }
    let parts: [Double]
    switch method {
    case .variance:
      let scaling = Standardization(targets)
      let forest = RegressionForest(table.rows, targets.map(scaling.standard), seed: seed)
      let shares = VarianceShares(
        table.parameters.map { .init(columns: $0.columns, isOneHot: $0.domain.isChoice) })
      let known = forest.trees.compactMap { shares.shares(of: $0) }
      parts = table.parameters.indices.map { index in
        known.reduce(0) { $0 + max($1[index], 0) } / Double(max(known.count, 1))
      }
    case .lengthScales:
      let process = try GaussianProcess(fitting: targets, at: table.rows, seed: seed)
      parts = table.parameters.map { parameter in
        parameter.columns.reduce(0) { $0 + 1 / pow(process.parameters.lengthScales[$1], 2) }.squareRoot()
      }
    }
    let total = parts.reduce(0, +)
    let named = zip(table.parameters, parts).map { Share(name: $0.name, share: total > 0 ? $1 / total : 0) }
    shares = named.sorted { ($1.share, $0.name) < ($0.share, $1.name) }
  }
}

extension Importances: CustomStringConvertible {
  /// A line for each parameter.
  public var description: String {
    let width = shares.map(\.name.count).max() ?? 0
    return shares.map { share in
      let name = share.name + String(repeating: " ", count: width - share.name.count)
      return name + "  " + NumberText.fixed(share.share * 100, decimals: 1) + " %"
    }.joined(separator: "\n")
  }
}

/// Trials as rows of features.
struct FeatureTable {
  /// A parameter that takes more than one value.
  struct Parameter {
    let name: String
    let domain: Domain
    let columns: Range<Int>
  }

  let parameters: [Parameter]
  let rows: [[Double]]

  init(_ trials: [TrialRecord]) {
    var domains: [String: Domain] = [:]
    for trial in trials { domains.merge(trial.domains) { _, newer in newer } }
    var parameters: [Parameter] = []
    var width = 0
    for (name, domain) in domains.sorted(by: { $0.key < $1.key }) {
      let values = Set(trials.compactMap { $0.settings[name] })
      guard values.count > 1 else { continue }
      parameters.append(Parameter(name: name, domain: domain, columns: width..<width + domain.featureCount))
      width += domain.featureCount
    }
    self.parameters = parameters
    rows = trials.map { trial in
      parameters.flatMap { parameter -> [Double] in
        guard let setting = trial.settings[parameter.name] else {
          return [Double](repeating: 0.5, count: parameter.domain.featureCount)
        }
        return parameter.domain.features(of: setting)
      }
    }
  }
}

extension Domain {
  fileprivate var isChoice: Bool { if case .choice = self { true } else { false } }
}
