import DescentTypes

/// A file that could not be read or written, and why.
public struct FileError: DescentError, Hashable {
  /// The file, or the address, that the fault is in.
  public var path: String
  /// What was found there, and where it helps what had been expected.
  public var fault: String

  /// Describes a fault.
  public init(_ path: String, _ fault: String) {
    self.path = path
    self.fault = fault
  }

  /// Describes what the system says of a file by an error number.
  package init(_ path: String, errorNumber: CInt) { self.init(path, faultText(errorNumber)) }

  /// The file.
  public var subject: String { path.isEmpty ? "(empty path)" : path }
  /// What was found there.
  public var message: String { fault }
}
