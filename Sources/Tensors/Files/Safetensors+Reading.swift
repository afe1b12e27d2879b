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
    let (file, byteCount) = try OpenFile.reading(path)
    guard byteCount > 0 else { throw FileError(path, "is empty") }
    guard byteCount >= 8 else { throw FileError(path, "is cut short: \(byteCount) bytes, the header's length takes 8") }
    var stored: UInt64 = 0
    try withUnsafeMutableBytes(of: &stored) { try file.fill($0) }
    let length = UInt64(littleEndian: stored)
    guard length <= UInt64(headerLimit) else {
      throw FileError(path, "says that its header has \(length) bytes, the limit is \(headerLimit)")
    }
    let headerCount = Int(length)
    guard headerCount <= byteCount - 8 else {
      throw FileError(path, "says that its header has \(headerCount) bytes, but only \(byteCount - 8) follow")
    }
    let header = try [UInt8](unsafeUninitializedCapacity: headerCount) { memory, count in
      try file.fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[..<headerCount]))
      count = headerCount
    }
    let parsed: (entries: [Entry], metadata: [String: String])
    do throws(HeaderFault) {
      parsed = try entries(header)
      try checkPlaces(parsed.entries, dataCount: byteCount - 8 - headerCount)
    } catch { throw FileError(path, error.text) }
    var tensors: [String: Tensor] = [:]
    tensors.reserveCapacity(parsed.entries.count)
    for entry in parsed.entries { tensors[entry.name] = try tensor(entry, file, path) }
    return (tensors, parsed.metadata)
  }

  /// Reads one tensor; entries come in the order of their bytes, without gaps.
  private static func tensor(_ entry: Entry, _ file: OpenFile, _ path: String) throws -> Tensor {
    let literal: HostLiteral
    do throws(OperationError) {
      literal = try HostLiteral(uninitialized: entry.type)
    } catch { throw FileError(path, error.message) }
    try literal.fill { bytes throws(FileError) in try file.fill(bytes) }
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
