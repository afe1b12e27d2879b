import Foundation

/// Values as the text that fields hold.
enum StoredText {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func value<Value: Decodable>(_ text: String, _: Value.Type = Value.self) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do { return try decoder.decode(Value.self, from: Data(text.utf8)) } catch {
      throw DatabaseFault(.damaged, "a field does not hold what it should: \(text.prefix(200))")
    }
  }

  /// A text that every database can hold: the output of a program may have zero characters in it.
  static func clean(_ text: String) -> String { text.replacing("\0", with: "\u{FFFD}") }
}
