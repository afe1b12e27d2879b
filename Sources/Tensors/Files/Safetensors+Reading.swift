import DescentFiles
import DescentGraph

extension Safetensors {
  /// Reads all tensors of a file.
  ///
  /// Nothing in the file is believed before it has been checked against the file's length, so that a damaged or a
  /// hostile file costs no more memory than its size.
  ///
  /// - Parameter path: A regular file.
  /// - Returns: The tensors by name, and the texts of the header's `__metadata__`. A tensor whose dtype is not known here,
  ///   such as `F8_E4M3`, carries an error that says so.
  /// - Throws: `FileError` where the file is missing, cut short, or contradicts itself.
  /// - Complexity: O(bytes).
  public static func read(_ path: String) throws -> (tensors: [String: Tensor], metadata: [String: String]) {
    let file = try TensorFile(path)
    return (try file.tensors(), file.metadata)
  }
}

/// A safetensors file whose header was read and checked; its tensors are read one by one, when they are asked for.
package struct TensorFile: Sendable {
  /// The file's path.
  package let path: String
  /// The texts of the header's `__metadata__`.
  package let metadata: [String: String]
  private let file: OpenFile
  /// The tensors in the order of their bytes.
  private let entries: [Safetensors.Entry]
  private let places: [String: Int]
  /// Where the bytes of tensors begin.
  private let start: Int

  /// Opens a file.
  ///
  /// - Throws: `FileError` where the file is missing, cut short, or contradicts itself.
  /// - Complexity: O(bytes of the header).
  package init(_ path: String) throws {
    let (file, byteCount) = try OpenFile.reading(path)
    guard byteCount > 0 else { throw FileError(path, "is empty") }
    guard byteCount >= 8 else { throw FileError(path, "is cut short: \(byteCount) bytes, the header's length takes 8") }
    var stored: UInt64 = 0
    try withUnsafeMutableBytes(of: &stored) { try file.fill($0) }
    let length = UInt64(littleEndian: stored)
    guard length <= UInt64(Safetensors.headerLimit) else {
      throw FileError(path, "says that its header has \(length) bytes, the limit is \(Safetensors.headerLimit)")
    }
    let headerCount = Int(length)
    guard headerCount <= byteCount - 8 else {
      throw FileError(path, "says that its header has \(headerCount) bytes, but only \(byteCount - 8) follow")
    }
    var header = [UInt8](repeating: 0, count: headerCount)
    try header.withUnsafeMutableBytes { try file.fill($0) }
    let parsed: (entries: [Safetensors.Entry], metadata: [String: String])
    do throws(HeaderFault) {
      parsed = try Safetensors.entries(header)
      try Safetensors.checkPlaces(parsed.entries, dataCount: byteCount - 8 - headerCount)
    } catch { throw FileError(path, error.text) }
    (self.path, self.file, start) = (path, file, 8 + headerCount)
    (entries, metadata) = parsed
    places = Dictionary(entries.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  /// The names of the tensors, in the order of their bytes.
  package var names: [String] { entries.map(\.name) }

  /// The shape and element type of a tensor, `nil` where there is none of the name; of one whose dtype is not known here, those
  /// of its bytes.
  package func type(of name: String) -> TensorType? { places[name].map { entries[$0].type } }

  /// The dtype of a tensor where it is not known here.
  package func unknownType(of name: String) -> String? { places[name].flatMap { entries[$0].unknownType } }

  /// All tensors by their names.
  ///
  /// - Throws: `FileError` where they cannot be read.
  package func tensors() throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    tensors.reserveCapacity(entries.count)
    for entry in entries { tensors[entry.name] = try tensor(entry) }
    return tensors
  }

  /// A tensor, read from its place.
  ///
  /// - Throws: `FileError` where there is none of the name, or it cannot be read.
  package func tensor(named name: String) throws -> Tensor {
    guard let place = places[name] else { throw FileError(path, "does not hold the tensor \(name)") }
    return try tensor(entries[place])
  }

  private func tensor(_ entry: Safetensors.Entry) throws -> Tensor {
    let literal: HostLiteral
    do throws(OperationError) {
      literal = try HostLiteral(uninitialized: entry.type)
    } catch { throw FileError(path, error.message) }
    try literal.fill { bytes throws(FileError) in try file.fill(bytes, at: start + entry.bytes.lowerBound) }
    if let dtype = entry.unknownType {
      return Tensor(
        error: TensorError(path, "the tensor \(entry.name) has the dtype \(dtype), which is not known here"))
    }
    if entry.type.elementType == .bool, !entry.bytes.isEmpty {
      // Any other byte than 0 and 1 would mean different things to different kernels.
      let bytes = Tensor(Literal(type: entry.type.with(elementType: .uint8), buffer: literal.buffer))
      guard try bytes.max().item() <= 1 else {
        throw FileError(path, "the tensor \(entry.name) is BOOL but holds bytes other than 0 and 1")
      }
    }
    return Tensor(literal)
  }
}
