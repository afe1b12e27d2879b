import CFormats

/// Files compressed with gzip (RFC 1952).
package enum Gzip {
  /// Whether a file begins as gzip does.
  package static func isCompressed(_ file: [UInt8]) -> Bool {
    file.count >= 2 && file[0] == 0x1F && file[1] == 0x8B
  }

  /// What a gzip file of one or more members holds. Needs zlib.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - limit: The most bytes that may come out of it.
  ///   - path: The name that errors give it.
  /// - Throws: `FileError` where the file is cut short or corrupt, holds more than `limit` bytes, or does not have
  ///   the checksum or the length that it ends with, and where zlib is not available.
  /// - Complexity: O(*n*) in the bytes returned.
  package static func decompressed(
    _ file: [UInt8], limit: Int = FileContents.defaultLimit, path: String
  ) throws -> [UInt8] {
    try nativeBytes(path: path) { output, count, error, capacity in
      dn_inflate(file, file.count, max(limit, 0), output, count, error, capacity)
    }
  }
}
