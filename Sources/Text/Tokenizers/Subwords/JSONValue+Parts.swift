import DescentTensors

/// A tokenizer's file, looked at part by part.
extension JSONValue {
  /// A member that is there and not null.
  subscript(_ key: String) -> JSONValue? {
    guard case .object(let fields) = self, let field = fields.first(where: { $0.name == key }) else { return nil }
    if case .null = field.value { return nil }
    return field.value
  }

  var string: String? { if case .string(let value) = self { value } else { nil } }
  var bool: Bool? { if case .boolean(let value) = self { value } else { nil } }
  var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  var list: [JSONValue]? { if case .list(let value) = self { value } else { nil } }
  var fields: [(name: String, value: JSONValue)] { if case .object(let value) = self { value } else { [] } }

  /// What kind of part it is.
  var type: String { self["type"]?.string ?? "" }

  /// The parts of a sequence of parts, or the one that it is; none for what is not there.
  static func parts(_ value: JSONValue?, in key: String) -> [JSONValue] {
    guard let value else { return [] }
    guard value.type == "Sequence" else { return [value] }
    return (value[key]?.list ?? []).flatMap { parts($0, in: key) }
  }

  /// Refuses a part that is not known.
  func refusal(_ role: String) -> TextError {
    TextError("SubwordTokenizer", "the \(role) '\(type)' is of a kind that is not known")
  }

  /// The text of a file with this value.
  var text: String {
    switch self {
    case .object(let fields):
      "{" + fields.map { "\(Self.quoted($0.name)):\($0.value.text)" }.joined(separator: ",") + "}"
    case .list(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
    case .string(let value): Self.quoted(value)
    case .integer(let value): "\(value)"
    case .large(let digits): digits
    case .real(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .null: "null"
    }
  }
}
