/// Files that change in one step: their name always leads to the whole of the old contents or the whole of the new.
package enum AtomicFile {
  /// What the name of a file that is being written ends with, after its own name.
  package static let unfinished = ".partial"

  /// Writes a file from pieces of memory.
  ///
  /// The bytes go to a neighboring file, `name.partial`, which takes the name once the disk holds them. On a failure
  /// what was there before is untouched and nothing is left of the new; a process that is killed leaves at most the
  /// neighbor, which the next writing reuses. Of two that write the same file, one waits for the other.
  ///
  /// - Throws: `FileError`.
  package static func write(_ pieces: [UnsafeRawBufferPointer], to path: String) throws(FileError) {
    do {
      try write(to: path) { file in for piece in pieces { try file.append(piece) } }
    } catch let error as FileError { throw error } catch { throw FileError(path, "\(error)") }
  }

  /// Writes a file piece by piece, where not all of it is to be in memory at once; otherwise like `write(_:to:)`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - body: Appends the pieces.
  /// - Throws: `FileError`, and what the function throws; what was there before is untouched then.
  package static func write(to path: String, _ body: (OpenFile) throws -> Void) throws {
    let temporary = path + unfinished
    let file = try open(temporary, for: path)
    // The lock is held until the name has changed.
    defer { withExtendedLifetime(file) {} }
    do {
      try body(file)
      try file.synchronize()
      try FileSystem.move(temporary, to: path)
    } catch {
      FileSystem.remove(temporary)
      throw error
    }
  }

  /// Makes sure that a file can be written, before the work whose result goes there.
  ///
  /// - Throws: `FileError` where the path names something other than a file, or no file can be made in its directory.
  package static func checkWritable(_ path: String) throws(FileError) {
    let temporary = path + unfinished
    // The lock is held until the name is gone.
    let file = try open(temporary, for: path)
    withExtendedLifetime(file) { FileSystem.remove(temporary) }
  }

  private static func open(_ temporary: String, for path: String) throws(FileError) -> OpenFile {
    try FileSystem.checkReplaceable(path)
    return try OpenFile.writing(temporary, for: path)
  }
}
