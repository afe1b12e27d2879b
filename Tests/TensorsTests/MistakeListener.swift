import DescentTensors
import Testing

/// Hears what users are told of their mistakes: makes each and compares, or only counts.
final class MistakeListener {
  private let isMaking: Bool
  /// The messages that are expected, in order.
  private(set) var messages: [String] = []

  init(isMaking: Bool) { self.isMaking = isMaking }

  /// Expects a mistake, its message and its line: one of the closure, which begins on the line on which this is called,
  /// or on the next.
  func callAsFunction(
    _ tensor: () throws -> Tensor, _ message: String, file: String = #fileID, line: Int = #line
  ) {
    messages.append(message)
    guard isMaking else { return }
    let error = #expect(throws: TensorError.self) { _ = try tensor().scalars() }
    let found = error.map { "\($0)" } ?? "no error"
    #if DEBUG
      let name = file.split(separator: "/").last ?? ""
      let expected = (line..<line + 5).map { "\(message) at \(name):\($0)" }
      #expect(expected.contains(found), "\(found)\n\(expected[0])")
    #else
      // An optimizing compiler merges closures that are alike, and with them their lines.
      #expect(found.hasPrefix(message))
    #endif
  }
}
