import DescentFiles
import DescentGraph

extension Safetensors {
  /// Reads the tensors of several files that an index names: a JSON object whose `weight_map` says for each tensor which
  /// file, beside the index, holds it, as Hugging Face writes models that are too large for one file.
  ///
  /// - Parameter path: The index, such as `model.safetensors.index.json`.
  /// - Returns: The tensors by name, and the texts of the index's `metadata`.
  /// - Throws: `FileError` where the index or a file is missing or damaged, a file is not beside the index, or holds other
  ///   tensors than the index says.
  /// - Complexity: O(bytes).
  public static func read(index path: String) throws -> (tensors: [String: Tensor], metadata: [String: String]) {
    let (files, metadata) = try open(index: path)
    var tensors: [String: Tensor] = [:]
    for file in files { tensors.merge(try file.tensors()) { first, _ in first } }
    return (tensors, metadata)
  }

  /// The files that an index names, each opened and held against what the index says of it; see `read(index:)`.
  ///
  /// - Throws: `FileError` where the index or a file is missing or damaged, a file is not beside the index, or holds other
  ///   tensors than the index says.
  /// - Complexity: O(bytes of the headers).
  package static func open(index path: String) throws -> (files: [TensorFile], metadata: [String: String]) {
    let (file, byteCount) = try OpenFile.reading(path)
    guard byteCount <= headerLimit else {
      throw FileError(path, "holds \(byteCount.grouped) bytes, the limit is \(headerLimit.grouped)")
    }
    let text = try [UInt8](unsafeUninitializedCapacity: byteCount) { memory, count in
      try file.fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[..<byteCount]))
      count = byteCount
    }
    let index: ShardIndex
    do throws(HeaderFault) {
      index = try ShardIndex(parsing: text)
    } catch { throw FileError(path, error.text) }
    var files: [TensorFile] = []
    for (name, wanted) in index.files.sorted(by: { $0.key < $1.key }) {
      let shard = try TensorFile(FileSystem.parent(of: path) + "/" + name)
      let found = Set(shard.names)
      if let extra = found.subtracting(wanted).min() {
        throw FileError(shard.path, "holds the tensor \(extra), which \(path) does not say is there")
      }
      if let missing = wanted.subtracting(found).min() {
        throw FileError(shard.path, "does not hold the tensor \(missing), which \(path) says is there")
      }
      files.append(shard)
    }
    return (files, index.metadata)
  }

  /// Writes tensors to several files of limited size, and an index that says where each is.
  ///
  /// The files are `NAME-00001-of-00003.safetensors` beside the index `NAME.safetensors.index.json`, which is written last:
  /// until then an earlier index leads to earlier files, unless their names are the same.
  ///
  /// - Parameters:
  ///   - tensors: The tensors by name.
  ///   - path: The index; its name has to end in `.safetensors.index.json`.
  ///   - limit: The most bytes of tensors in a file; a larger tensor has a file of its own.
  /// - Throws: `TensorError` that a tensor carries, or where the limit is not positive; `FileError` where a file cannot be
  ///   written.
  public static func write(_ tensors: [String: Tensor], index path: String, limit: Int = 5_000_000_000) throws {
    let ending = ".safetensors.index.json"
    guard path.hasSuffix(ending) else { throw FileError(path, "is no name of an index: it has to end in \(ending)") }
    guard limit > 0 else { throw TensorError("Safetensors", "the limit of \(limit) bytes a file is not positive") }
    var shards: [[String]] = []
    var room = 0
    for name in tensors.keys.sorted() {
      guard let tensor = tensors[name] else { continue }
      if let error = tensor.error { throw error }
      let byteCount = TensorType(tensor.shape, tensor.elementType).byteCount
      if shards.isEmpty || byteCount > room {
        shards.append([])
        room = limit
      }
      shards[shards.count - 1].append(name)
      room -= min(room, byteCount)
    }
    let stem = String(path.dropLast(ending.count))
    let bare = stem.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? stem
    var fields: [String] = []
    var total = 0
    for (place, names) in shards.enumerated() {
      let suffix = "-\(padded(place + 1))-of-\(padded(shards.count)).safetensors"
      let part = tensors.filter { names.contains($0.key) }
      try write(part, to: stem + suffix)
      for name in names {
        fields.append("\(JSONValue.quoted(name)):\(JSONValue.quoted(bare + suffix))")
        total += part[name].map { TensorType($0.shape, $0.elementType).byteCount } ?? 0
      }
    }
    let text = "{\"metadata\":{\"total_size\":\(total)},\"weight_map\":{\(fields.joined(separator: ","))}}\n"
    try Array(text.utf8).withUnsafeBytes { try AtomicFile.write([$0], to: path) }
  }

  private static func padded(_ number: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

/// What an index of several files says.
private struct ShardIndex {
  /// The tensors of each file.
  var files: [String: Set<String>] = [:]
  var metadata: [String: String] = [:]

  init(parsing text: [UInt8]) throws(HeaderFault) {
    let root: JSONValue
    do throws(JSONFault) {
      root = try JSONValue(parsing: text)
    } catch { throw HeaderFault("the index is not valid JSON: \(error.text) at byte \(error.place)") }
    guard case .object(let fields) = root else { throw HeaderFault("the index is not a JSON object") }
    guard case .object(let places)? = fields.first(where: { $0.name == "weight_map" })?.value else {
      throw HeaderFault("the index has no object weight_map")
    }
    for (name, value) in places {
      guard case .string(let file) = value else { throw HeaderFault("the file of the tensor \(name) is no text") }
      // A name that leads elsewhere would read what nobody meant to give.
      guard !file.isEmpty, !file.contains("/"), !file.contains("\\"), file != ".", file != ".." else {
        throw HeaderFault("the file \(file) of the tensor \(name) is not beside the index")
      }
      files[file, default: []].insert(name)
    }
    guard case .object(let texts)? = fields.first(where: { $0.name == "metadata" })?.value else { return }
    for (name, value) in texts {
      switch value {
      case .string(let text): metadata[name] = text
      case .integer(let number): metadata[name] = "\(number)"
      case .large(let digits): metadata[name] = digits
      case .real(let number): metadata[name] = "\(number)"
      case .boolean(let flag): metadata[name] = "\(flag)"
      default: continue
      }
    }
  }
}
