/// An error of Descent, which says in one line what was asked, what was found, and where in the user's program.
///
/// ```swift
/// do {
///   try trainer.fit(digits.training, epochs: 5)
/// } catch let error as any DescentError {
///   print(error)  // matmul: inner sizes differ: [3] · [2] (3 ≠ 2) at main.swift:12
/// }
/// ```
///
/// `TensorError` is a mistake in a program, `FileError` a file that cannot be read or written, `TrainingError` a run that
/// cannot go on, and `DrawingError` a drawing that cannot be made. Errors of Swift's own coding, such as `DecodingError`, do
/// not conform.
public protocol DescentError: Error, Sendable, CustomStringConvertible {
  /// What was asked, as the user named it: a function, a layer, a parameter's path, a file.
  var subject: String { get }
  /// What was found and, where it can be said, what to do about it.
  var message: String { get }
  /// The line in the user's program, such as `main.swift:12`, or `nil` where it is not known.
  var location: String? { get }
}

extension DescentError {
  /// Not known.
  public var location: String? { nil }

  /// One line, whatever characters the names in it hold: `subject: message`, and ` at file:line` where that is known.
  public var description: String { "\(subject): \(message)\(location.map { " at \($0)" } ?? "")".onOneLine }
}

extension String {
  /// The text with every control character spelled out, so that a hostile name cannot forge a second line.
  package var onOneLine: String {
    var line = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: line += scalar.escaped(asASCII: true)
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
