/// A file that could not be read or written, and why.
///
/// The description is one line, whatever characters the names in it hold.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file the fault is in.
  public var path: String
  /// What was found there, and where it helps what had been expected.
  public var fault: String

  /// Describes a fault.
  public init(_ path: String, _ fault: String) {
    self.path = path
    self.fault = fault
  }

  /// One line: `path: fault`.
  public var description: String {
    var line = ""
    for scalar in "\(path.isEmpty ? "(empty path)" : path): \(fault)".unicodeScalars {
      switch scalar.properties.generalCategory {
      // A hostile name must not be able to forge a second line.
      case .control, .lineSeparator, .paragraphSeparator: line += scalar.escaped(asASCII: true)
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
