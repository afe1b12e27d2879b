import CFormats
import DescentFiles

/// The bytes of a file, plain or gzip, from the beginning on, piece by piece: it may be larger than memory.
final class TextPieces {
  private let file: OpenFile
  private let path: String
  /// What decompresses the file, `nil` of a plain one.
  private var inflater: OpaquePointer?
  /// What was read of the file and not decompressed yet.
  private var input: ArraySlice<UInt8> = []
  private var isAtEndOfFile = false

  /// - Throws: `FileError` where the file cannot be read, or is compressed and zlib is not available.
  init(_ path: String) throws {
    self.path = path
    file = try OpenFile.reading(path).file
    try fillInput()
    guard Gzip.isCompressed(Array(input.prefix(2))) else { return }
    try callNative(path: path) { message, capacity in
      inflater = dn_inflater_make(message, capacity)
      return inflater == nil ? 1 : 0
    }
  }

  deinit { dn_inflater_free(inflater) }

  /// Reads the next piece of the file.
  private func fillInput() throws {
    let piece = try [UInt8](unsafeUninitializedCapacity: 1 << 18) { memory, count in
      count = try file.read(into: UnsafeMutableRawBufferPointer(memory))
    }
    input = piece[...]
    isAtEndOfFile = piece.isEmpty
  }

  /// The next bytes, empty at the end.
  ///
  /// - Throws: `FileError` where the file cannot be read, or is damaged or cut short.
  func next() throws -> [UInt8] {
    if input.isEmpty, !isAtEndOfFile { try fillInput() }
    guard let inflater else {
      defer { input = [] }
      return Array(input)
    }
    var output: [UInt8] = []
    while output.isEmpty {
      if isAtEndOfFile {
        try callNative(path: path) { dn_inflater_finish(inflater, $0, $1) }
        return []
      }
      var consumed = 0
      output = try [UInt8](unsafeUninitializedCapacity: 1 << 20) { memory, count in
        try input.withUnsafeBytes { input in
          try callNative(path: path) { message, capacity in
            dn_inflater_run(
              inflater, input.baseAddress, input.count, &consumed, memory.baseAddress, memory.count, &count, message,
              capacity)
          }
        }
      }
      input = input.dropFirst(consumed)
      if input.isEmpty { try fillInput() }
    }
    return output
  }
}
