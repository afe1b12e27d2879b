import DescentTensors

/// A value in Swift code within what is coded: a walk through a model or an optimizer keeps it as it is, a file has its
/// name alone.
struct OpaqueBox<Value: Sendable>: Codable, Sendable, OpaqueValue, CustomStringConvertible {
  let value: Value
  let name: String

  var description: String { "\(value)" }

  init(value: Value, name: String) { (self.value, self.name) = (value, name) }

  init(from decoder: any Decoder) throws {
    throw DecodingError.dataCorrupted(
      .init(codingPath: decoder.codingPath, debugDescription: "a function in Swift cannot be read from a file"))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
