/// A value in Swift code within what is coded: a walk through a model or an optimizer keeps it as it is, a file has its
/// name alone.
package struct OpaqueBox<Value: Sendable>: Codable, Sendable, OpaqueValue, CustomStringConvertible {
  package let value: Value
  private let name: String

  package var description: String { "\(value)" }

  /// Boxes a value whose description is that of no other one: what was compiled for one must not serve another.
  package init(value: Value, name: String) { (self.value, self.name) = (value, name) }

  package init(from decoder: any Decoder) throws {
    throw DecodingError.dataCorrupted(
      .init(
        codingPath: decoder.codingPath,
        debugDescription: "functions and types of Swift code cannot be read from a file; load the tensors alone, into a"
          + " value that has them"))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
