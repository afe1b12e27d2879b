import DescentTypes

/// A text, a token or a setting that a tokenizer or a language model cannot take, and why.
public struct TextError: DescentError, Hashable {
  /// What was asked: a tokenizer, a way to generate, a setting.
  public var subject: String
  /// What was found, and what to do about it.
  public var message: String

  /// Describes a fault.
  public init(_ subject: String, _ message: String) { (self.subject, self.message) = (subject, message) }
}
