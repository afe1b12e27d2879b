/// Walks a model through its `Encodable` conformance, setting tensors aside and keeping all else as it is.
struct ModelEncoder: Encoder {
  let walk: ModelTree.ModelWalk
  let slot: ModelSlot
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Keyed<Key>(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    slot.beginList()
    return List(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

  /// Writes a value of any kind into this encoder's place.
  func write<T: Encodable>(_ value: T) throws {
    switch value {
    case let tensor as Tensor: slot.set(walk.append(tensor, codingPath))
    case let parameter as Parameter: slot.set(walk.append(parameter, codingPath))
    case let number as Hyperparameter:
      slot.set(number.isZero && !walk.includesZeros ? .value(number) : walk.append(number, codingPath))
    case is any OpaqueValue: slot.set(.value(value))
    case is Bool, is String, is any BinaryInteger, is any BinaryFloatingPoint: slot.set(.value(value))
    case let dictionary as [AnyHashable: any Encodable]: try write(dictionary, as: value)
    default:
      walk.note(T.self, codingPath)
      try value.encode(to: self)
    }
  }

  /// Writes a dictionary in the order of its keys: its own order differs from run to run, and with it the order of
  /// parameters would.
  private func write(_ dictionary: [AnyHashable: any Encodable], as value: some Encodable) throws {
    let fields = dictionary.compactMap { key, value in
      (key.base as? any CodingKeyRepresentable).map { (key: $0.codingKey, value: value) }
    }
    // Keys that are not names are written as a list, by the dictionary itself.
    guard fields.count == dictionary.count else { return try value.encode(to: self) }
    for field in fields.sorted(by: { Self.precedes($0.key, $1.key) }) {
      try inner(field.key, slot.field(field.key.stringValue)).write(field.value)
    }
  }

  private static func precedes(_ a: any CodingKey, _ b: any CodingKey) -> Bool {
    if let x = a.intValue, let y = b.intValue { return x < y }
    return a.stringValue < b.stringValue
  }

  func inner(_ key: any CodingKey, _ slot: ModelSlot) -> ModelEncoder {
    ModelEncoder(walk: walk, slot: slot, codingPath: codingPath + [key])
  }

  struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ModelEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    private func place(_ key: any CodingKey) -> ModelEncoder {
      encoder.inner(key, encoder.slot.field(key.stringValue))
    }

    func encodeNil(forKey key: Key) throws { place(key).slot.set(.value(Optional<Never>.none as Any)) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try place(key).write(value) }
    func nestedContainer<Inner: CodingKey>(
      keyedBy keyType: Inner.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Inner> {
      place(key).container(keyedBy: keyType)
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { place(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder.inner(SuperKey(), encoder.slot.field(SuperKey().stringValue)) }
    func superEncoder(forKey key: Key) -> any Encoder { place(key) }
  }

  struct List: UnkeyedEncodingContainer {
    let encoder: ModelEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.slot.elementCount }

    private func place() -> ModelEncoder { encoder.inner(PositionKey(count), encoder.slot.element()) }

    func encodeNil() throws { place().slot.set(.value(Optional<Never>.none as Any)) }
    func encode<T: Encodable>(_ value: T) throws { try place().write(value) }
    func nestedContainer<Inner: CodingKey>(keyedBy keyType: Inner.Type) -> KeyedEncodingContainer<Inner> {
      place().container(keyedBy: keyType)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { place().unkeyedContainer() }
    func superEncoder() -> any Encoder { place() }
  }

  struct Single: SingleValueEncodingContainer {
    let encoder: ModelEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }
    func encodeNil() throws { encoder.slot.set(.value(Optional<Never>.none as Any)) }
    func encode<T: Encodable>(_ value: T) throws { try encoder.write(value) }
  }
}

/// The key under which a class keeps what its superclass encodes.
struct SuperKey: CodingKey {
  var stringValue: String { "super" }
  var intValue: Int? { nil }
  init() {}
  init?(stringValue: String) {}
  init?(intValue: Int) { nil }
}

/// What a walk keeps as it is, such as a closure of the user's with its name.
package protocol OpaqueValue {}
