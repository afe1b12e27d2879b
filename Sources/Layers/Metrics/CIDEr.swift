import Foundation

/// CIDEr, the agreement of descriptions with what several people wrote: the cosine of both as vectors of runs of 1 to n
/// tokens, where a run counts the less the more things it was written of.
///
/// Source: Vedantam, Zitnick and Parikh, "CIDEr: consensus-based image description evaluation", 2015.
///
/// - Complexity: All descriptions and references are kept, since how rare a run is shows in the end.
public struct CIDEr<Token: Hashable & Sendable>: Sendable {
  /// Which of the paper's two measures is taken.
  public enum Form: String, Codable, Hashable, Sendable, CaseIterable {
    /// CIDEr, from 0 to 1.
    case original
    /// CIDEr-D, from 0 to 10, which is what is mostly reported: repeated runs count as often as in the reference, and other
    /// lengths than the reference's cost, by a normal distribution of 6 tokens.
    case robust
  }

  /// The length of the longest runs.
  public let order: Int
  /// Which measure is taken.
  public let form: Form
  private var examples: [(description: [Token], references: [[Token]])] = []

  /// Nothing seen yet.
  ///
  /// - Parameters:
  ///   - form: Which measure is taken.
  ///   - order: The length of the longest runs; at least 1.
  public init(_ form: Form = .robust, order: Int = 4) {
    self.form = form
    self.order = max(1, order)
  }

  /// Adds a description of a thing, and what others wrote of it.
  public mutating func add(_ description: [Token], references: [[Token]]) {
    examples.append((description, references))
  }

  /// Adds what another one has seen.
  public mutating func merge(_ other: CIDEr) { examples += other.examples }

  /// The mean over descriptions; 0 where there are none.
  public func score() -> Double {
    let scores = scores()
    return scores.isEmpty ? 0 : scores.reduce(0, +) / Double(scores.count)
  }

  /// The number of each description, in the order in which they were added; 0 where it has no references.
  public func scores() -> [Double] {
    var sums = [Double](repeating: 0, count: examples.count)
    for length in 1...order {
      let references = examples.map { $0.references.map { NGrams($0, length: length).counts } }
      var things: [ArraySlice<Token>: Int] = [:]
      for own in references {
        for run in Set(own.flatMap(\.keys)) { things[run, default: 0] += 1 }
      }
      func vector(_ counts: [ArraySlice<Token>: Int]) -> [ArraySlice<Token>: Double] {
        let rarity = log(Double(examples.count))
        return Dictionary(
          uniqueKeysWithValues: counts.map { ($0, Double($1) * (rarity - log(Double(things[$0] ?? 1)))) })
      }
      for (index, example) in examples.enumerated() where !example.references.isEmpty {
        let own = vector(NGrams(example.description, length: length).counts)
        let agreements = references[index].enumerated().map { place, counts in
          agreement(own, vector(counts), example.description.count - example.references[place].count)
        }
        sums[index] += agreements.reduce(0, +) / Double(agreements.count)
      }
    }
    return sums.map { $0 / Double(order) * (form == .robust ? 10 : 1) }
  }

  /// The cosine of a description and a reference; 0 where one is nothing but what all have.
  private func agreement(
    _ description: [ArraySlice<Token>: Double], _ reference: [ArraySlice<Token>: Double], _ surplus: Int
  ) -> Double {
    let product = description.reduce(0) { sum, part in
      guard let other = reference[part.key] else { return sum }
      return sum + (form == .robust ? min(part.value, other) : part.value) * other
    }
    let sizes = [description, reference].map { $0.values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    guard sizes[0] > 0, sizes[1] > 0 else { return 0 }
    let cosine = product / (sizes[0] * sizes[1])
    return form == .robust ? cosine * exp(-Double(surplus * surplus) / 72) : cosine
  }
}
