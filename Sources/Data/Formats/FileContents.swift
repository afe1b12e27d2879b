import DescentFiles

/// Whole files, read with a limit and written in one step.
package enum FileContents {
  /// The most bytes that ``read(_:limit:)`` takes without being told otherwise: one gibibyte.
  package static let defaultLimit = 1 << 30

  /// The contents of a file, decompressed where it begins as gzip does (whatever its name says).
  ///
  /// - Parameters:
  ///   - path: A regular file; a directory, a pipe or a device is refused.
  ///   - limit: The most bytes the file may hold, before and after decompression.
  /// - Returns: At least one byte.
  /// - Throws: `FileError` where the file is missing, empty, unreadable or longer than `limit`, where its gzip stream is
  ///   cut short, corrupt, or contradicts the checksum or the length it ends with, and where zlib, which reads such a
  ///   stream, is missing.
  /// - Complexity: O(*n*) in the bytes returned.
  package static func read(_ path: String, limit: Int = defaultLimit) throws -> [UInt8] {
    let stored = try readStored(path, limit: limit)
    return try Gzip.isCompressed(stored) ? Gzip.decompressed(stored, limit: limit, path: path) : stored
  }

  /// What comes on standard input, to its end.
  ///
  /// - Parameter limit: The most bytes that may come.
  /// - Throws: `FileError` where nothing comes, or more than `limit`, or standard input cannot be read.
  package static func standardInput(limit: Int = defaultLimit) throws -> [UInt8] {
    let file = try OpenFile.standardInput()
    var bytes: [UInt8] = []
    var isOpen = true
    while isOpen {
      let more = try [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
        count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
      bytes += more
      isOpen = more.count == 1 << 20
      if bytes.count > limit { throw FileError(file.path, "holds more than \(limit.grouped) bytes, the limit") }
    }
    if bytes.isEmpty { throw FileError(file.path, "is empty") }
    return bytes
  }

  /// The bytes of a file as they lie on the disk.
  package static func readStored(_ path: String, limit: Int = defaultLimit) throws -> [UInt8] {
    func tooLong(_ size: String) -> FileError {
      FileError(path, "holds \(size) bytes, the limit is \(limit.grouped)")
    }
    let (file, byteCount) = try OpenFile.reading(path)
    if byteCount > limit { throw tooLong(byteCount.grouped) }
    // One byte more than promised, so that a file which grows meanwhile is seen to do so; files of the system that
    // claim to be empty (/proc) are read in the same way up to a page.
    let capacity = max(byteCount, 4096) + 1
    let bytes = try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    if bytes.isEmpty { throw FileError(path, "is empty") }
    if bytes.count > limit { throw tooLong("more than \(limit.grouped)") }
    if bytes.count == capacity { throw FileError(path, "grew while it was read") }
    return bytes
  }

  /// Writes a file so that its name always leads to the whole of the old contents or the whole of the new.
  ///
  /// The bytes go to a neighboring file, `name.partial`, that is renamed when the disk holds them; on a failure (a full
  /// disk, a missing directory) what was there before is untouched and nothing is left of the new.
  ///
  /// - Throws: `FileError`.
  package static func write(_ bytes: [UInt8], to path: String) throws {
    try bytes.withUnsafeBytes { try AtomicFile.write([$0], to: path) }
  }

  /// Makes sure that a file can be written, before the work whose result goes there.
  ///
  /// - Throws: `FileError` where the path names something other than a file, or no file can be made in its directory.
  package static func checkWritable(_ path: String) throws { try AtomicFile.checkWritable(path) }

  /// Makes a directory and those above it; nothing happens to one that exists.
  ///
  /// - Throws: `FileError` where it cannot be made, or the path names a file.
  package static func makeDirectory(_ path: String) throws { try FileSystem.makeDirectory(path) }
}
