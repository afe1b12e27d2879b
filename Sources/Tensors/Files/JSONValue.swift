/// A fault of a JSON text, and the byte it is at.
package struct JSONFault: Error {
  package let text: String
  package let place: Int
}

/// A value of a JSON text, read strictly as RFC 8259 has it; in addition no name may appear twice in an object.
///
/// A reader of its own because Foundation's lets a later value of the same name win in silence, which in a file of
/// tensors is an attack or a fault.
package indirect enum JSONValue: Sendable {
  case object([(name: String, value: JSONValue)])
  case list([JSONValue])
  case string(String)
  case integer(Int)
  /// A whole number too large for an `Int`, by its digits.
  case large(String)
  /// A number with a fraction or an exponent.
  case real(Double)
  case boolean(Bool)
  case null

  /// Reads a text.
  package init(parsing bytes: some Collection<UInt8>) throws(JSONFault) {
    var reader = JSONReader(bytes: Array(bytes))
    self = try reader.text()
  }

  /// A text as a JSON string.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
