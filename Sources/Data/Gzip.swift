import CNative
import Foundation

/// Files compressed with gzip (RFC 1952).
public enum Gzip {
  /// Whether a file begins as gzip does.
  public static func isCompressed(_ file: [UInt8]) -> Bool {
    file.count >= 2 && file[0] == 0x1F && file[1] == 0x8B
  }

  /// What a gzip file of one or more members holds; by zlib where that is available.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - limit: The most bytes that may come out of it.
  ///   - path: The name that errors give it.
  ///   - request: What the file is wanted for; the error repeats it.
  /// - Throws: ``DataError`` where the file is cut short or corrupt, holds more than `limit` bytes, or does not have
  ///   the checksum or the length that it ends with.
  /// - Complexity: O(*n*) in the bytes returned.
  public static func decompressed(
    _ file: [UInt8], limit: Int = FileContents.defaultLimit, path: String, request: String = "read"
  ) throws -> [UInt8] {
    guard dn_library_available(DN_LIB_ZLIB) else {
      return try decompressedWithoutLibrary(file, limit: limit, path: path, request: request)
    }
    return try nativeBytes(path: path, request: request) { output, count, error, capacity in
      dn_inflate(file, file.count, max(limit, 0), output, count, error, capacity)
    }
  }

  /// The same without zlib, in about four times the time.
  package static func decompressedWithoutLibrary(
    _ file: [UInt8], limit: Int, path: String, request: String
  ) throws -> [UInt8] {
    let limit = max(limit, 0)
    var output: UnsafeMutablePointer<UInt8>?
    var count = 0
    let status = dn_gzip_decompress(file, file.count, limit, &output, &count)
    defer { free(output) }
    if let fault = fault(status, limit: limit) {
      throw DataError(request, path: path, fault: "compressed data: \(fault)")
    }
    return [UInt8](UnsafeBufferPointer(start: output, count: count))
  }

  private static func fault(_ status: dn_gzip_status, limit: Int) -> String? {
    switch status {
    case DN_GZIP_OK: nil
    case DN_GZIP_CUT_SHORT: "cut short"
    case DN_GZIP_WRONG_CHECKSUM: "damaged (incorrect data check)"
    case DN_GZIP_WRONG_LENGTH: "damaged (incorrect length check)"
    case DN_GZIP_TRAILING_BYTES: "something else follows its end"
    case DN_GZIP_OVER_LIMIT: "holds more than the \(limit) bytes allowed"
    case DN_GZIP_NO_MEMORY: "no memory left"
    default: "damaged"
    }
  }
}
