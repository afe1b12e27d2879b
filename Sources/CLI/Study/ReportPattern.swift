import Foundation

/// The form of the lines by which a program reports intermediate values, such as `step {step}: {value}`.
struct ReportPattern: Sendable {
  static let usual = "step {step}: {value}"

  let text: String
  private let expression: NSRegularExpression

  /// - Parameter text: What a whole line is: `{step}` is a whole number, `{value}` a number, `*` any text, and spaces are as
  ///   many as there are.
  /// - Throws: `ExplainError` where it has not both, once each.
  init(_ text: String) throws {
    for place in ["{step}", "{value}"] where text.components(separatedBy: place).count != 2 {
      throw ExplainError(
        "--report '\(text)': \(place) has to stand in it once, as in --report 'epoch {step} *loss {value}*'")
    }
    var pattern = NSRegularExpression.escapedPattern(for: Self.words(text[...]).joined(separator: " "))
    for (place, part) in [
      (#"\{step\}"#, #"(?<step>[0-9]+)"#), (#"\*"#, ".*?"), (" ", #"\s+"#),
      (
        #"\{value\}"#,
        #"(?<value>[-+]?(?:[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|(?i:nan|inf(?:inity)?)))"#
      ),
    ] { pattern = pattern.replacing(place, with: part) }
    self.text = text
    expression = try NSRegularExpression(pattern: #"^\s*"# + pattern + #"\s*$"#)
  }

  private static func words(_ text: Substring) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }

  /// What a line reports, `nil` where it is another one.
  func report(_ line: String) -> (step: Int, value: Double)? {
    guard let match = expression.firstMatch(in: line, range: NSRange(line.startIndex..., in: line)),
      let step = Range(match.range(withName: "step"), in: line).flatMap({ Int(line[$0]) }),
      let value = Range(match.range(withName: "value"), in: line).flatMap({ Double(Self.number(line[$0])) })
    else { return nil }
    return (step, value)
  }

  /// A number as Swift reads it: `.5` and `2.` are numbers of other languages.
  private static func number(_ text: Substring) -> String {
    var text = text.replacing("+.", with: "+0.").replacing("-.", with: "-0.")
    if text.hasPrefix(".") { text = "0" + text }
    return String(text)
  }
}
