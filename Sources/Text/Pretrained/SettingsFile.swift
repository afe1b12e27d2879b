import DescentFiles
import DescentLayers
import DescentTensors

/// A JSON file of settings, such as `config.json`, or an object within one. What is `null` counts as left out.
struct SettingsFile {
  /// The file that errors name.
  let path: String
  /// What stands before a key in errors: the objects around it.
  private let prefix: String
  private let fields: [String: JSONValue]
  /// Far beyond any size of a model.
  private static var limit: Int { 1 << 31 }
  private static var byteLimit: Int { 16_777_216 }

  /// Reads a file.
  ///
  /// - Throws: `FileError` where it is missing, damaged or not a JSON object.
  init(_ path: String) throws {
    guard case .object(let fields) = try Self.value(in: path) else { throw FileError(path, "is not a JSON object") }
    self.init(path, "", fields)
  }

  /// Reads a file that is a list of objects.
  ///
  /// - Throws: `FileError` where it is missing, damaged or not such a list.
  static func list(_ path: String) throws -> [SettingsFile] {
    guard case .list(let elements) = try value(in: path) else { throw FileError(path, "is not a JSON list") }
    return try elements.enumerated().map { place, element in
      guard case .object(let fields) = element else { throw FileError(path, "its element \(place) is not an object") }
      return SettingsFile(path, "\(place).", fields)
    }
  }

  private init(_ path: String, _ prefix: String, _ fields: [(name: String, value: JSONValue)]) {
    (self.path, self.prefix) = (path, prefix)
    var known: [String: JSONValue] = [:]
    for (name, value) in fields {
      if case .null = value { continue }
      known[name] = value
    }
    self.fields = known
  }

  private static func value(in path: String) throws -> JSONValue {
    let (file, byteCount) = try OpenFile.reading(path)
    guard byteCount <= byteLimit else { throw FileError(path, "holds \(byteCount) bytes, the limit is \(byteLimit)") }
    let text = try [UInt8](unsafeUninitializedCapacity: byteCount) { memory, count in
      try file.fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[..<byteCount]))
      count = byteCount
    }
    do throws(JSONFault) { return try JSONValue(parsing: text) } catch {
      throw FileError(path, "is not valid JSON: \(error.text) at byte \(error.place)")
    }
  }

  /// Whether a key has a value other than `null`.
  func has(_ key: String) -> Bool { fields[key] != nil }

  private func fault(_ key: String, _ wanted: String) -> FileError {
    FileError(path, fields[key] == nil ? "has no \(prefix)\(key)" : "its \(prefix)\(key) is not \(wanted)")
  }

  /// A positive whole number.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - other: What counts where there is none; an error is thrown where this is `nil`.
  ///   - limit: The largest number allowed.
  func count(_ key: String, or other: Int? = nil, limit: Int = limit) throws -> Int {
    if let other, fields[key] == nil { return other }
    guard case .integer(let number)? = fields[key], number >= 1, number <= limit else {
      throw fault(key, "a whole number from 1 to \(limit)")
    }
    return number
  }

  /// A number.
  func number(_ key: String, or other: Double? = nil) throws -> Double {
    switch fields[key] {
    case .integer(let number): return Double(number)
    case .real(let number): return number
    case nil: if let other { return other }
    default: break
    }
    throw fault(key, "a number")
  }

  /// A text.
  func text(_ key: String, or other: String? = nil) throws -> String {
    if let other, fields[key] == nil { return other }
    guard case .string(let text)? = fields[key] else { throw fault(key, "a text") }
    return text
  }

  /// A truth value.
  func flag(_ key: String, or other: Bool) throws -> Bool {
    if fields[key] == nil { return other }
    guard case .boolean(let flag)? = fields[key] else { throw fault(key, "true or false") }
    return flag
  }

  /// A list of texts; `nil` where there is none.
  func texts(_ key: String) throws -> [String]? {
    guard let value = fields[key] else { return nil }
    guard case .list(let elements) = value else { throw fault(key, "a list of texts") }
    return try elements.map { element in
      guard case .string(let text) = element else { throw fault(key, "a list of texts") }
      return text
    }
  }

  /// Texts, where one alone may stand for a list; `nil` where there are none.
  func list(_ key: String) throws -> [String]? {
    if case .string(let text)? = fields[key] { return [text] }
    return try texts(key)
  }

  /// An object within this one; `nil` where there is none.
  func section(_ key: String) throws -> SettingsFile? {
    guard let value = fields[key] else { return nil }
    guard case .object(let inner) = value else { throw fault(key, "an object") }
    return SettingsFile(path, "\(prefix)\(key).", inner)
  }

  /// An activation by the name that Hugging Face's models give it.
  func activation(_ key: String, or other: String) throws -> Activation {
    let name = try text(key, or: other)
    guard let activation = Self.activations[name] else {
      let known = Self.activations.keys.sorted().joined(separator: ", ")
      throw FileError(path, "its \(prefix)\(key) is \(name), which is not known here; known are \(known)")
    }
    return activation
  }

  private static let activations: [String: Activation] = [
    "gelu": .gelu, "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu_fast": .geluTanh, "relu": .relu,
    "relu6": .relu6, "silu": .silu, "swish": .silu, "tanh": .tanh, "mish": .mish, "sigmoid": .sigmoid,
    "linear": .identity,
  ]

  /// Refuses a setting that would mean another formula than the one that is computed here.
  func refuse(_ key: String, unless isUsual: Bool, _ hint: String) throws {
    if isUsual { return }
    throw FileError(path, "its \(prefix)\(key) asks for \(hint), which cannot be computed here")
  }
}
