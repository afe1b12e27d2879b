import DescentFiles
import DescentTensors

/// Named arrays in one file, as NumPy's `savez` writes them: an archive in the ZIP format of NPY files.
///
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.savez.html.
public enum NPZ {
  /// The most bytes that a file and its arrays may have without being told otherwise: four gibibytes.
  public static let defaultLimit = 1 << 32

  /// Reads all arrays, compressed or not.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: The most bytes the file may have, and all its arrays together: a small file may claim to hold a large one.
  /// - Returns: The arrays by name, without the ending `.npy`.
  /// - Throws: `FileError` where the file is missing, cut short, damaged or encrypted, holds more than `limit` bytes or
  ///   something other than NPY files; it names the array. Compressed arrays need zlib.
  /// - Complexity: O(bytes); memory for the file, its arrays, and a second time the largest of them.
  public static func read(_ path: String, limit: Int = defaultLimit) throws -> [String: Tensor] {
    try read(file: FileContents.readStored(path, limit: limit), path: path, limit: limit)
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - path: The name that errors give it.
  ///   - limit: The most bytes that all arrays together may have.
  /// - Throws: `FileError`.
  public static func read(file: [UInt8], path: String, limit: Int = defaultLimit) throws -> [String: Tensor] {
    let archive = try Archive(file: file, path: path)
    var left = limit
    var tensors: [String: Tensor] = [:]
    for member in archive.members {
      let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
      let place = "\(path), array \(name)"
      guard member.size <= left else {
        throw FileError(
          place, "holds \(member.size.grouped) bytes, of the limit of \(limit.grouped) are left \(left.grouped)")
      }
      left -= member.size
      guard tensors[name] == nil else { throw FileError(path, "holds two arrays of the name \(name)") }
      tensors[name] = try NPY.read(archive.contents(of: member), path: place)
    }
    return tensors
  }

  /// Writes tensors, in one step.
  ///
  /// - Parameters:
  ///   - tensors: The tensors by name.
  ///   - path: The file.
  ///   - compressed: Whether the arrays are compressed, which takes longer and needs zlib to read them.
  /// - Throws: `TensorError` that a tensor carries, or where its elements are bfloat16; `FileError` where a name is empty or
  ///   cannot stand in an archive, the file would have 4 GiB or more, or cannot be written, an earlier one being left as it
  ///   was.
  public static func write(_ tensors: [String: Tensor], to path: String, compressed: Bool = false) throws {
    let names = tensors.keys.sorted()
    try evaluate(names.compactMap { tensors[$0] })
    try AtomicFile.write(to: path) { file in
      var writer = ArchiveWriter(file: file, path: path)
      for name in names {
        guard let tensor = tensors[name] else { continue }
        let (header, literal) = try NPY.encoded(tensor)
        try literal.withHostBytes { elements in
          try header.withUnsafeBytes { try writer.append("\(name).npy", [$0, elements], compressed: compressed) }
        }
      }
      try writer.finish()
    }
  }
}
