/// A file or a download that could not be had or used, and why.
///
/// The description is one line, `path: fault`, whatever characters the path holds.
public struct DataError: Error, Sendable, Hashable {
  /// What was asked of the file, such as "read IDX" or "download".
  public var request: String

  /// The file (or the address) the fault is in.
  public var path: String

  /// What was found there, and where it helps what had been expected.
  public var fault: String

  /// An error about the file at `path`.
  public init(_ request: String, path: String, fault: String) {
    self.request = request
    self.path = path
    self.fault = fault
  }
}

extension DataError: CustomStringConvertible {
  /// One line: `path: fault`.
  public var description: String {
    singleLine("\(path.isEmpty ? "(empty path)" : path): \(fault)")
  }
}

/// The text with every control character spelled out, so that a hostile name cannot forge a second line.
private func singleLine(_ text: String) -> String {
  var line = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: line += scalar.escaped(asASCII: true)
    default: line.unicodeScalars.append(scalar)
    }
  }
  return line
}

extension Int {
  /// The number with its thousands apart, as messages print sizes: 9,912,422.
  package var grouped: String {
    var digits = String(magnitude)
    var at = digits.count - 3
    while at > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: at))
      at -= 3
    }
    return self < 0 ? "-" + digits : digits
  }
}
