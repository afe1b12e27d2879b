import Foundation

/// BLEU, the agreement of sentences with references: the geometric mean of the shares of their runs of 1 to n tokens that a
/// reference has too, less where sentences are too short. From 0 to 1.
///
/// It is that of a whole corpus: runs are counted over all sentences. Source: Papineni et al., "BLEU: a method for automatic
/// evaluation of machine translation", 2002.
///
/// ```swift
/// var bleu = BLEU()
/// bleu.add(words(of: translation), references: [words(of: one), words(of: another)])
/// print(bleu.score(), bleu.score(order: 1))  // BLEU-4, BLEU-1
/// ```
public struct BLEU: Codable, Hashable, Sendable {
  /// How many of the sentences' runs of each length, from 1 on, a reference has.
  public private(set) var matches: [Int]
  /// How many runs of each length the sentences have.
  public private(set) var totals: [Int]
  /// The tokens of all sentences.
  public private(set) var length = 0
  /// The tokens of the references whose lengths are nearest, of two equally near ones the shorter.
  public private(set) var referenceLength = 0

  /// Nothing seen yet.
  ///
  /// - Parameter order: The length of the longest runs; at least 1.
  public init(order: Int = 4) {
    matches = [Int](repeating: 0, count: max(1, order))
    totals = matches
  }

  /// Adds a sentence and what it could be. A sentence without references counts nothing.
  public mutating func add<Token: Hashable>(_ sentence: [Token], references: [[Token]]) {
    guard
      let nearest = references.map(\.count).min(by: {
        (abs($0 - sentence.count), $0) < (abs($1 - sentence.count), $1)
      })
    else { return }
    length += sentence.count
    referenceLength += nearest
    for order in matches.indices {
      let known = references.map { NGrams($0, length: order + 1).counts }
      for (run, count) in NGrams(sentence, length: order + 1).counts {
        // A run that is repeated counts as often as one reference has it.
        matches[order] += min(count, known.map { $0[run] ?? 0 }.max() ?? 0)
        totals[order] += count
      }
    }
  }

  /// Adds what another one of the same order has seen; of another order, the shorter runs alone are kept.
  public mutating func merge(_ other: BLEU) {
    matches = zip(matches, other.matches).map { $0 + $1 }
    totals = zip(totals, other.totals).map { $0 + $1 }
    length += other.length
    referenceLength += other.referenceLength
  }

  /// BLEU-n of what was seen.
  ///
  /// - Parameters:
  ///   - order: n, the length of the longest runs that count; those that were asked for where none is given.
  ///   - smoothing: What is added to the matches and totals of runs of more than one token, so that a few short sentences do
  ///     not get 0. Source: Lin and Och, "ORANGE", 2004, with 1.
  /// - Returns: A number from 0 to 1; 0 where no run of some length matches.
  public func score(order: Int? = nil, smoothing: Double = 0) -> Double {
    let order = min(max(1, order ?? matches.count), matches.count)
    guard length > 0 else { return 0 }
    var logarithms = 0.0
    for place in 0..<order {
      let added = place == 0 ? 0 : smoothing
      let (found, total) = (Double(matches[place]) + added, Double(totals[place]) + added)
      guard found > 0, total > 0 else { return 0 }
      logarithms += log(found / total)
    }
    let brevity = min(0, 1 - Double(referenceLength) / Double(length))
    return exp(brevity + logarithms / Double(order))
  }
}
