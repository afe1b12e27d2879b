import DescentTensors

/// Writes a value's properties as text in the order of their declaration, through its `Encodable` conformance.
enum SettingsText {
  /// `name: value` for each property.
  static func fields(of value: some Encodable) -> [String] {
    let text = Text()
    try? value.encode(to: Writer(text: text))
    return text.fields.map { "\($0.name): \($0.value)" }
  }

  private final class Text {
    var fields: [(name: String, value: String)] = []
  }

  private struct Writer: Encoder {
    let text: Text
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
      KeyedEncodingContainer(Fields<Key>(text: text))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { Elements(text: text) }
    func singleValueContainer() -> any SingleValueEncodingContainer { Whole(text: text) }
  }

  private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let text: Text
    var codingPath: [any CodingKey] { [] }
    func encodeNil(forKey key: Key) throws { text.fields.append((key.stringValue, "nil")) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
      text.fields.append((key.stringValue, "\(value)"))
    }
    func nestedContainer<Inner: CodingKey>(
      keyedBy keyType: Inner.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Inner> { KeyedEncodingContainer(Fields<Inner>(text: text)) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { Elements(text: text) }
    func superEncoder() -> any Encoder { Writer(text: text) }
    func superEncoder(forKey key: Key) -> any Encoder { Writer(text: text) }
  }

  private struct Elements: UnkeyedEncodingContainer {
    let text: Text
    var codingPath: [any CodingKey] { [] }
    var count: Int { text.fields.count }
    func encodeNil() throws { text.fields.append(("\(count)", "nil")) }
    func encode<T: Encodable>(_ value: T) throws { text.fields.append(("\(count)", "\(value)")) }
    func nestedContainer<Inner: CodingKey>(keyedBy keyType: Inner.Type) -> KeyedEncodingContainer<Inner> {
      KeyedEncodingContainer(Fields<Inner>(text: text))
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self }
    func superEncoder() -> any Encoder { Writer(text: text) }
  }

  private struct Whole: SingleValueEncodingContainer {
    let text: Text
    var codingPath: [any CodingKey] { [] }
    func encodeNil() throws { text.fields.append(("value", "nil")) }
    func encode<T: Encodable>(_ value: T) throws { text.fields.append(("value", "\(value)")) }
  }
}

/// A value's type and settings as text, such as `Adam(learningRate: 0.001, beta1: 0.9)`.
func describedSettings(_ value: some Encodable) -> String {
  "\(type(of: value))(\(SettingsText.fields(of: value).joined(separator: ", ")))"
}
