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
    let temporary = path + unfinished
    let file = try open(temporary, for: path)
    // The lock is held until the name has changed.
    defer { withExtendedLifetime(file) {} }
    do throws(FileError) {
      for piece in pieces { try file.append(piece) }
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
