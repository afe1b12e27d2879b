/// The edit distance, also called Levenshtein's: how many tokens are at least to be inserted, deleted or replaced to make one
/// sequence the other.
///
/// - Parameters:
///   - first: Tokens, such as the characters of a `String` or its words, `text.split(separator: " ")`.
///   - second: Tokens of the same type.
/// - Complexity: O(first · second) time, O(second) memory.
public func editDistance<Token: Equatable>(
  _ first: some Sequence<Token>, _ second: some Sequence<Token>
) -> Int {
  let second = Array(second)
  // The distances of the tokens of `first` so far from all beginnings of `second`.
  var distances = Array(0...second.count)
  for (row, token) in first.enumerated() {
    var diagonal = distances[0]
    distances[0] = row + 1
    for column in second.indices {
      let replaced = diagonal + (token == second[column] ? 0 : 1)
      diagonal = distances[column + 1]
      distances[column + 1] = min(replaced, diagonal + 1, distances[column] + 1)
    }
  }
  return distances[second.count]
}

/// The share of tokens that are wrong, by the edit distance: the word error rate of words, the character error rate of
/// characters. Over several sequences it is all edits over all tokens, and no mean of rates.
///
/// ```swift
/// var wordErrors = ErrorRate()
/// wordErrors.add("the cat sat".split(separator: " "), reference: "the cat sat down".split(separator: " "))
/// print(wordErrors.value)  // 0.25
/// ```
public struct ErrorRate: Codable, Hashable, Sendable {
  /// The sum of edit distances.
  public private(set) var edits = 0
  /// The tokens of all references.
  public private(set) var count = 0

  /// Nothing seen yet.
  public init() {}

  /// Adds a sequence and what it should be.
  ///
  /// - Complexity: That of `editDistance(_:_:)`.
  public mutating func add<Token: Equatable>(_ tokens: some Sequence<Token>, reference: some Collection<Token>) {
    edits += editDistance(tokens, reference)
    count += reference.count
  }

  /// Adds what another one has seen.
  public mutating func merge(_ other: ErrorRate) {
    edits += other.edits
    count += other.count
  }

  /// Edits over tokens, 0 at best, and more than 1 where more is inserted than there should be; NaN where no reference has a
  /// token and nothing was inserted.
  public var value: Double { Double(edits) / Double(count) }
}
