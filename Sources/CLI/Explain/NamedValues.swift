import Foundation

/// The words of options such as `--at x=0.5,w=-1.2`.
enum NamedValues {
  /// Reads names with numbers, in the order in which they are given.
  ///
  /// - Parameters:
  ///   - items: What was given, each with one or several separated by commas.
  ///   - option: The option, as errors name it.
  /// - Throws: `ExplainError` where a name is not one or comes twice, or a number is not finite.
  static func numbers(_ items: [String], of option: String) throws -> [(name: String, value: Double)] {
    var values: [(name: String, value: Double)] = []
    for (item, name, text) in try pairs(items, of: option, example: "x=0.5", word: "NUMBER") {
      guard let value = Double(text), value.isFinite else {
        throw ExplainError("\(option) \(item): '\(text)' is not a finite number")
      }
      values.append((name, value))
    }
    return values
  }

  /// Reads names with ranges such as `x=0..1`, of which an end may be left out.
  static func ranges(
    _ items: [String], of option: String
  ) throws -> [(name: String, lower: Double, upper: Double)] {
    try pairs(items, of: option, example: "x=0..1", word: "RANGE").map { item, name, text in
      let ends = text.components(separatedBy: "..")
      guard ends.count == 2 else {
        throw ExplainError("\(option) \(item): say NAME=FROM..TO, such as x=0..1 or x=0..")
      }
      func end(_ index: Int, _ missing: Double) throws -> Double {
        let word = trimmed(Substring(ends[index]))
        if word.isEmpty { return missing }
        guard let value = Double(word), !value.isNaN else {
          throw ExplainError("\(option) \(item): '\(word)' is not a number")
        }
        return value
      }
      let (lower, upper) = (try end(0, -.infinity), try end(1, .infinity))
      guard lower <= upper else {
        throw ExplainError("\(option) \(item): \(ends[0]) lies above \(ends[1]), so that nothing lies between them")
      }
      return (name, lower, upper)
    }
  }

  /// Reads names with texts.
  private static func pairs(
    _ items: [String], of option: String, example: String, word: String
  ) throws -> [(item: Substring, name: String, text: String)] {
    var seen: Set<String> = []
    return try items.flatMap { $0.split(separator: ",") }.map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
      guard parts.count == 2, isName(parts[0]) else {
        throw ExplainError("\(option) \(item): say NAME=\(word), such as \(example)")
      }
      guard seen.insert(parts[0]).inserted else { throw ExplainError("\(option) gives '\(parts[0])' twice") }
      return (item, parts[0], parts[1])
    }
  }

  /// Without spaces at both ends.
  static func trimmed(_ text: Substring) -> String {
    var rest = text
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }

  /// Whether a text can stand in an expression as a name.
  static func isName(_ text: String) -> Bool {
    guard let first = text.first, first.isLetter || first == "_" else { return false }
    return text.allSatisfy(ExpressionParser.continuesName)
  }
}
