/// Files that change in one step: their name always leads to the whole of the old contents or the whole of the new.
package enum AtomicFile {
  /// Writes a file from pieces of memory.
  ///
  /// The bytes go to a neighbouring file, `name.partial`, which takes the name once the disk holds them. On a failure
  /// what was there before is untouched and nothing is left behind; a process that is killed leaves at most the
  /// neighbour, which the next writing reuses. Of two that write the same file, one waits for the other.
  ///
  /// - Throws: `FileError`.
  package static func write(_ pieces: [UnsafeRawBufferPointer], to path: String) throws {
    guard !path.utf8.contains(0) else { throw FileError(path, "the name holds a zero byte") }
    try NativeFile.checkRegular(path)
    let temporary = path + ".partial"
    let file = try NativeFile.writing(temporary, for: path)
    do {
      for piece in pieces { try file.append(piece) }
      try file.synchronize()
      try NativeFile.move(temporary, to: path)
    } catch {
      NativeFile.remove(temporary)
      throw error
    }
  }
}
