import DescentData
import Foundation

/// How the next token is chosen by its logits.
///
/// ```swift
/// Sampling(temperature: 0.8, topK: 40, seed: 7)
/// Sampling.greedy
/// ```
///
/// Logits are divided by the temperature; of what is left by `topK`, then by `topP`, a token is drawn by its probability. The
/// same seed gives the same tokens, and a sequence gets the same whatever other sequences there are.
public struct Sampling: Codable, Sendable, Hashable {
  /// What logits are divided by: below 1 likely tokens become likelier; at 0 the likeliest is taken.
  public var temperature: Double
  /// Of how many of the likeliest tokens one is drawn; of all where it is `nil`.
  public var topK: Int?
  /// One of the fewest likeliest tokens is drawn whose probabilities add up to this; of all where it is `nil`. Source:
  /// Holtzman et al., "The curious case of neural text degeneration", 2020.
  public var topP: Double?
  /// The seed of what is drawn.
  public var seed: UInt64

  /// A way to choose.
  public init(temperature: Double = 1, topK: Int? = nil, topP: Double? = nil, seed: UInt64 = 0) {
    (self.temperature, self.topK, self.topP, self.seed) = (temperature, topK, topP, seed)
  }

  /// The likeliest token, the first of equals.
  public static let greedy = Sampling(temperature: 0)

  /// Refuses settings that make no sense.
  func check() throws {
    guard temperature >= 0, temperature.isFinite else {
      throw TextError("Sampling", "the temperature must be 0 or more, found \(temperature)")
    }
    if let topK, topK < 1 { throw TextError("Sampling", "topK must be at least 1, found \(topK)") }
    if let topP, !(topP > 0 && topP <= 1) {
      throw TextError("Sampling", "topP must be more than 0 and at most 1, found \(topP)")
    }
  }

  /// The probabilities that tokens are drawn by, 0 for those that are left out.
  ///
  /// - Parameter logits: The logits of all tokens.
  /// - Throws: `TextError` where settings make no sense, or a logit is not a number.
  /// - Complexity: O(tokens · log(tokens)).
  public func probabilities(_ logits: [Double]) throws -> [Double] {
    try check()
    var shares = [Double](repeating: 0, count: logits.count)
    for (token, share) in try candidates(logits) { shares[token] = share }
    return shares
  }

  /// The tokens that may be drawn with their probabilities, the likeliest first.
  private func candidates(_ logits: [Double]) throws -> [(token: Int, share: Double)] {
    // What is forbidden has −∞, and must not become a number by any temperature.
    guard let top = logits.max(), !logits.contains(where: \.isNaN), top > -.infinity, top < .infinity else {
      throw TextError(
        "Sampling",
        logits.isEmpty
          ? "there are no tokens to choose from" : "logits are NaN or infinite: the model's numbers are damaged")
    }
    if temperature == 0 { return [(logits.firstIndex(of: top) ?? 0, 1)] }
    var weights: [(token: Int, share: Double)] = []
    weights.reserveCapacity(logits.count)
    for token in logits.indices { weights.append((token, exp((logits[token] - top) / temperature))) }
    guard topK != nil || topP != nil else { return Self.shared(weights) }
    // Equal tokens in their order, so that results do not depend on how sorting is done.
    weights.sort { $0.share != $1.share ? $0.share > $1.share : $0.token < $1.token }
    if let topK { weights = Array(weights.prefix(topK)) }
    var shares = Self.shared(weights)
    if let topP {
      var (sum, count) = (0.0, 0)
      for (_, share) in shares where sum < topP { (sum, count) = (sum + share, count + 1) }
      shares = Self.shared(Array(shares.prefix(max(1, count))))
    }
    return shares
  }

  private static func shared(_ weights: [(token: Int, share: Double)]) -> [(token: Int, share: Double)] {
    var sum = 0.0
    for (_, share) in weights { sum += share }
    return weights.map { ($0.token, $0.share / sum) }
  }

  /// The token that a sequence gets.
  ///
  /// - Parameters:
  ///   - logits: The logits of all tokens.
  ///   - sequence: Which sequence it is.
  ///   - number: Which of its tokens, from 0 on.
  func token(_ logits: [Double], sequence: Int, number: Int) throws -> Int {
    let shares = try candidates(logits)
    var drawn = uniform(sequence: sequence, number: number)
    for (token, share) in shares {
      if drawn < share { return token }
      drawn -= share
    }
    // Rounding may leave something over.
    return shares.last { $0.share > 0 }?.token ?? 0
  }

  /// A number in 0..<1 for a place, which does not depend on what was drawn before.
  private func uniform(sequence: Int, number: Int) -> Double {
    var own = SplitMix64(state: seed)
    var row = SplitMix64(state: own.next() ^ UInt64(truncatingIfNeeded: sequence) &* 0xD6E8_FEB8_6659_FD93)
    var place = SplitMix64(state: row.next() &+ UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15)
    return Double(place.next() >> 11) * 0x1p-53
  }
}
