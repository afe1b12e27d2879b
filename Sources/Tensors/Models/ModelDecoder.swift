/// Puts a model together from a tree, through its `Decodable` conformance.
struct ModelDecoder: Decoder {
  let branch: ModelTree.Branch
  let source: Source
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .keyed(let fields) = branch else { throw mismatch("fields") }
    return KeyedDecodingContainer(Keyed<Key>(decoder: self, fields: fields))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    switch branch {
    case .list(let elements): return List(decoder: self, elements: elements)
    // An empty list leaves no trace of its own where a type asks for a keyed container first.
    case .keyed(let fields) where fields.isEmpty: return List(decoder: self, elements: [])
    default: throw mismatch("a list")
    }
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(decoder: self) }

  /// Reads a value of any kind from this decoder's place.
  func read<T: Decodable>(_ type: T.Type) throws -> T {
    switch branch {
    case .leaf(let index):
      // What is not a tensor itself may hold one and pass coding on to it.
      if let value = source.take(index, as: T.self) { return value }
      return try T(from: self)
    case .value(let value):
      if let value = value as? T { return value }
      return try T(from: self)
    default: return try T(from: self)
    }
  }

  /// The tensor or parameter at this place.
  func leaf<T>(_ type: T.Type) throws -> T {
    guard case .leaf(let index) = branch, let value = source.take(index, as: T.self) else {
      throw mismatch("\(T.self)")
    }
    return value
  }

  var isNil: Bool {
    if case .value(let value) = branch { return value is Never? && (value as? Never?) == .some(nil) }
    return false
  }

  func mismatch(_ wanted: String) -> DecodingError {
    DecodingError.dataCorrupted(
      .init(
        codingPath: codingPath,
        debugDescription: "the model's init(from:) asks for \(wanted), which its encode(to:) did not write"))
  }

  func inner(_ key: any CodingKey, _ branch: ModelTree.Branch) -> ModelDecoder {
    let path = codingPath + [key]
    if source.visited != nil { source.visited?.insert(ModelTree.ModelWalk.name(path)) }
    return ModelDecoder(branch: branch, source: source, codingPath: path)
  }

  /// The tensors and parameters that a model is put together from, and which of them it has taken.
  final class Source {
    private let leaves: [Any]
    private var isRead: [Bool]
    /// The paths of what was asked for, where somebody wants to know.
    var visited: Set<String>?

    init(_ leaves: [Any]) {
      self.leaves = leaves
      isRead = [Bool](repeating: false, count: leaves.count)
    }

    func take<T>(_ index: Int, as type: T.Type) -> T? {
      guard let value = leaves[index] as? T else { return nil }
      isRead[index] = true
      return value
    }

    /// The first leaf that was not taken.
    var firstUnread: Int? { isRead.firstIndex(of: false) }
  }

  struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ModelDecoder
    let fields: [String: ModelTree.Branch]
    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { fields.keys.sorted().compactMap(Key.init(stringValue:)) }

    private func place(_ key: any CodingKey) throws -> ModelDecoder {
      guard let branch = fields[key.stringValue] else { throw decoder.mismatch("a field \(key.stringValue)") }
      return decoder.inner(key, branch)
    }

    func contains(_ key: Key) -> Bool { fields[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try place(key).isNil }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try place(key).read(type) }
    func nestedContainer<Inner: CodingKey>(
      keyedBy type: Inner.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Inner> {
      try place(key).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try place(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { try place(SuperKey()) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try place(key) }
  }

  struct List: UnkeyedDecodingContainer {
    let decoder: ModelDecoder
    let elements: [ModelTree.Branch]
    var currentIndex = 0
    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    private mutating func next() throws -> ModelDecoder {
      guard !isAtEnd else { throw decoder.mismatch("element \(currentIndex)") }
      defer { currentIndex += 1 }
      return decoder.inner(PositionKey(currentIndex), elements[currentIndex])
    }

    mutating func decodeNil() throws -> Bool {
      guard !isAtEnd, decoder.inner(PositionKey(currentIndex), elements[currentIndex]).isNil else { return false }
      currentIndex += 1
      return true
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().read(type) }
    mutating func nestedContainer<Inner: CodingKey>(
      keyedBy type: Inner.Type
    ) throws -> KeyedDecodingContainer<Inner> {
      try next().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
  }

  struct Single: SingleValueDecodingContainer {
    let decoder: ModelDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }
    func decodeNil() -> Bool { decoder.isNil }
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
      if case .value(let value) = decoder.branch {
        guard let value = value as? T else { throw decoder.mismatch("\(T.self)") }
        return value
      }
      return try decoder.read(type)
    }
  }
}
