import Foundation

extension RotaryPositions {
  /// How angles change for contexts longer than those of the training, as checkpoints say it.
  public enum Scaling: Sendable, Hashable, Codable {
    /// Llama 3's: pairs that turn less than `low` times in a context of the training turn as many times slower as the factor says,
    /// those that turn more than `high` times as before, and those in between by a mean of both. `rope_type: "llama3"` of the
    /// transformers library.
    ///
    /// - Parameters:
    ///   - factor: How many times longer the contexts are.
    ///   - low: `low_freq_factor`.
    ///   - high: `high_freq_factor`, larger than `low`.
    ///   - context: The length of the training's contexts, `original_max_position_embeddings`.
    case llama3(factor: Double, low: Double = 1, high: Double = 4, context: Int)
    /// YaRN's: as above, with means by the pairs' numbers, and queries and keys multiplied by a factor. `rope_type: "yarn"` of the
    /// transformers library. Source: Peng et al., "YaRN", 2023.
    ///
    /// - Parameters:
    ///   - factor: How many times longer the contexts are.
    ///   - slow: Pairs that turn less often in a context of the training turn slower by the factor, `beta_slow`.
    ///   - fast: Pairs that turn more often turn as before, `beta_fast`.
    ///   - context: The length of the training's contexts, `original_max_position_embeddings`.
    ///   - attention: What queries and keys are multiplied by, `attention_factor`; 1 + 0.1 · ln(factor) where none is given.
    ///   - truncating: Whether the first and last pair in between are whole numbers, `truncate`.
    case yarn(
      factor: Double, slow: Double = 1, fast: Double = 32, context: Int, attention: Double? = nil,
      truncating: Bool = true)
  }

  /// What is wrong with the scaling, `nil` for nothing.
  var scalingFault: String? {
    switch scaling {
    case nil: nil
    case .llama3(let factor, let low, let high, let context),
      .yarn(let factor, let low, let high, let context, _, _):
      if factor.isFinite, factor > 0, low > 0, high > low, high.isFinite, context >= 1, base > 1,
        attentionFactor.isFinite
      {
        nil
      } else {
        "its scaling needs a positive factor and context, rates of turning of which the first is lower, and a base above 1,"
          + " found a factor of \(factor), rates \(low) and \(high), a context of \(context) and the base \(base)"
      }
    }
  }

  /// What queries and keys are multiplied by.
  var attentionFactor: Double {
    guard case .yarn(let factor, _, _, _, let attention, _) = scaling else { return 1 }
    return attention ?? (factor > 1 ? 0.1 * log(factor) + 1 : 1)
  }

  /// By what angle each pair is turned from one position to the next.
  ///
  /// - Parameter features: The number of features that are turned.
  func frequencies(of features: Int) -> [Double] {
    let plain = (0..<features / 2).map { pow(base, -2 * Double($0) / Double(features)) / stretch }
    guard let scaling else { return plain }
    return plain.enumerated().map { pair, frequency in
      // 1 where it turns as before, 0 where it turns slower by the factor.
      let (share, factor) = scaling.share(of: pair, frequency, features, base)
      return frequency * (share + (1 - share) / factor)
    }
  }
}

extension RotaryPositions.Scaling {
  fileprivate func share(
    of pair: Int, _ frequency: Double, _ features: Int, _ base: Double
  ) -> (share: Double, factor: Double) {
    switch self {
    case .llama3(let factor, let low, let high, let context):
      let turns = Double(context) * frequency / (2 * .pi)
      return (min(1, max(0, (turns - low) / (high - low))), factor)
    case .yarn(let factor, let slow, let fast, let context, _, let truncating):
      // The pair, as a number that need not be whole, that turns so many times in a context.
      func pairTurning(_ turns: Double) -> Double {
        Double(features) * log(Double(context) / (turns * 2 * .pi)) / (2 * log(base))
      }
      var (first, last) = (pairTurning(fast), pairTurning(slow))
      if truncating { (first, last) = (first.rounded(.down), last.rounded(.up)) }
      (first, last) = (max(0, first), min(Double(features - 1), last))
      if first == last { last += 0.001 }
      return (1 - min(1, max(0, (Double(pair) - first) / (last - first))), factor)
    }
  }
}
