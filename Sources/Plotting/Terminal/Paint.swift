/// Colors of text on a terminal.
package struct Paint: Sendable {
  package let isOn: Bool

  package init(isOn: Bool) { self.isOn = isOn }

  /// A text by a code of ECMA-48's "select graphic rendition".
  package func painted(_ text: String, _ code: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  package func bold(_ text: String) -> String { painted(text, "1") }
  package func faint(_ text: String) -> String { painted(text, "2") }

  /// The code of an ink, in the terminal's own colors, which suit its background.
  static func code(of ink: Ink) -> String {
    if ink == .ink { return "39" }
    guard case .series(let index) = ink, index >= 0 else { return "90" }
    return ["34", "31", "32", "35", "33", "36", "90"][index % Ink.seriesCount]
  }
}

extension String {
  /// The text with spaces behind it up to a width.
  package func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }

  /// The text with spaces before it up to a width.
  package func padded(before width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - count)) + self
  }

  /// The text without the spaces at its end.
  package func trimmingEnd() -> String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }

  /// The beginning of a text that is longer than a line, with a sign that something is missing.
  func cut(to length: Int) -> String { count > length ? prefix(Swift.max(length - 1, 0)) + "…" : self }
}
