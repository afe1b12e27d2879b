import DescentFiles
import DescentGraph

extension Safetensors {
  /// Writes tensors to a file, in one step: its name leads to the whole of the old contents or the whole of the new.
  ///
  /// The same tensors and texts give the same bytes. Tensors are computed first, all in one plan.
  ///
  /// - Parameters:
  ///   - tensors: The tensors by name.
  ///   - metadata: Texts for the header's `__metadata__`.
  ///   - path: Where to write; the folder must exist.
  /// - Throws: `TensorError` that a tensor carries; `FileError` where the disk is full or the file cannot be written,
  ///   an earlier file being left as it was.
  /// - Complexity: O(bytes); the elements are not copied, or, from memory that the host does not address, a tensor at a
  ///   time.
  public static func write(
    _ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String
  ) throws {
    guard tensors[metadataName] == nil else { throw FileError(path, "no tensor can have the name \(metadataName)") }
    try evaluate(tensors.keys.sorted().compactMap { tensors[$0] })
    var contents: [(name: String, literal: Literal)] = []
    for (name, tensor) in tensors { contents.append((name, try tensor.literal())) }
    // Wide elements first, so that every tensor lies at a multiple of its element's size.
    contents.sort {
      (-$0.literal.type.elementType.byteCount, $0.name) < (-$1.literal.type.elementType.byteCount, $1.name)
    }
    let header = headerBytes(contents.map { ($0.name, $0.literal.type) }, metadata)
    guard header.count <= headerLimit else {
      throw FileError(path, "its header would have \(header.count) bytes, the limit is \(headerLimit)")
    }
    var length = UInt64(header.count).littleEndian
    try AtomicFile.write(to: path) { file in
      try withUnsafeBytes(of: &length) { try file.append($0) }
      try header.withUnsafeBytes { try file.append($0) }
      for (_, literal) in contents { try literal.withHostBytes { try file.append($0) } }
    }
  }

  private static func headerBytes(_ contents: [(name: String, type: TensorType)], _ metadata: [String: String])
    -> [UInt8]
  {
    var fields: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.keys.sorted().map { "\(JSONValue.quoted($0)):\(JSONValue.quoted(metadata[$0] ?? ""))" }
      fields.append("\"\(metadataName)\":{\(texts.joined(separator: ","))}")
    }
    var start = 0
    for (name, type) in contents {
      let end = start + type.byteCount
      let sizes = type.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(JSONValue.quoted(name)):{\"dtype\":\"\(self.name(of: type.elementType))\",\"shape\":[\(sizes)],"
          + "\"data_offsets\":[\(start),\(end)]}")
      start = end
    }
    var header = Array("{\(fields.joined(separator: ","))}".utf8)
    // Readers that map the file want the elements aligned; the format allows spaces after the header for it.
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    return header
  }
}
