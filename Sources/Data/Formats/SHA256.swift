import CFormats
import DescentFiles

/// The SHA-256 digest (FIPS 180-4) of a message that comes in pieces.
package struct SHA256: Sendable {
  private var state = dn_sha256()

  /// The digest of an empty message.
  package init() { dn_sha256_begin(&state) }

  /// Appends bytes to the message.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    dn_sha256_update(&state, bytes.baseAddress, bytes.count)
  }

  /// The digest of everything appended so far, as 64 hexadecimal digits in lower case.
  package func hexadecimalDigest() -> String {
    var spent = state
    var digest = [UInt8](repeating: 0, count: 32)
    dn_sha256_end(&spent, &digest)
    return digest.map(\.hexadecimal).joined()
  }

  /// The digest of some bytes, as 64 hexadecimal digits in lower case.
  package static func hexadecimal(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.hexadecimalDigest()
  }

  /// The digest of a file, as 64 hexadecimal digits in lower case; the file is never in memory as a whole.
  ///
  /// - Throws: `FileError` where the file cannot be read.
  package static func hexadecimal(ofFile path: String) throws -> String {
    let (file, _) = try OpenFile.reading(path)
    var digest = SHA256()
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      let count = try file.read(into: chunk)
      digest.update(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
      if count < chunk.count { return digest.hexadecimalDigest() }
    }
  }
}
