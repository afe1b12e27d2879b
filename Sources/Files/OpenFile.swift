#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An open file: the one place where Descent reads and writes files, so that each fault gets its words once.
package final class OpenFile: Sendable {
  /// How errors name the file.
  package let path: String
  private let descriptor: CInt

  private init(path: String, descriptor: CInt) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  // MARK: Opening

  /// Opens a regular file to read it; refuses directories, pipes and devices.
  ///
  /// - Throws: `FileError`.
  package static func reading(_ path: String) throws(FileError) -> (file: OpenFile, byteCount: Int) {
    // Without O_NONBLOCK the opening of a pipe that nobody writes to would never return.
    let file = try opened(path, O_RDONLY | O_NONBLOCK)
    return (file, try FileSystem.regularByteCount(FileSystem.kind(of: try file.status()), path))
  }

  /// Standard input, which may be a pipe.
  ///
  /// - Throws: `FileError`.
  package static func standardInput() throws(FileError) -> OpenFile {
    let path = "standard input"
    let descriptor = dup(STDIN_FILENO)
    guard descriptor >= 0 else { throw FileError(path, errorNumber: errno) }
    return OpenFile(path: path, descriptor: descriptor)
  }

  /// Opens a file to write it on from its end, or makes it.
  ///
  /// - Throws: `FileError`.
  package static func appending(_ path: String) throws(FileError) -> OpenFile {
    try opened(path, O_WRONLY | O_CREAT | O_APPEND)
  }

  /// Opens a file to read it and write over parts of it, for this process alone.
  ///
  /// - Throws: `FileError`, where another process has it open so, too.
  package static func updating(_ path: String) throws(FileError) -> (file: OpenFile, byteCount: Int) {
    let file = try opened(path, O_RDWR | O_NONBLOCK)
    let byteCount = try FileSystem.regularByteCount(FileSystem.kind(of: try file.status()), path)
    try file.lockForItself()
    return (file, byteCount)
  }

  /// Makes a file to write parts of it and read them again, for this process alone.
  ///
  /// - Parameter title: How errors name the file.
  /// - Throws: `FileError` where there is a file of that name already.
  package static func making(_ path: String, for title: String) throws(FileError) -> OpenFile {
    let file = try opened(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, for: title)
    try file.lockForItself()
    return file
  }

  private func lockForItself() throws(FileError) {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { throw FileError(path, "is in use by another process, or twice by this one") }
      // A file system without locks gives the file to everybody.
      if errno != EINTR { break }
    }
  }

  /// Makes a file that nobody else can read.
  ///
  /// - Throws: `FileError` where there is a file of that name already.
  package static func makingPrivate(_ path: String) throws(FileError) -> OpenFile {
    try opened(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, permissions: 0o600)
  }

  /// Opens a file to write it from its beginning, for this process alone; waits for another that writes it.
  ///
  /// - Parameter title: How errors name the file.
  /// - Throws: `FileError`.
  static func writing(_ path: String, for title: String) throws(FileError) -> OpenFile {
    while true {
      let file = try opened(path, O_WRONLY | O_CREAT | O_NOFOLLOW, for: title)
      while flock(file.descriptor, LOCK_EX) != 0 {
        // A file system without locks gives the file to everybody.
        if errno != EINTR { break }
      }
      // Whoever held the lock before may have given the file its final name: then ours is another one by now.
      var named = stat()
      let status = try file.status()
      guard stat(path, &named) == 0, named.st_ino == status.st_ino, named.st_dev == status.st_dev else { continue }
      _ = try FileSystem.regularByteCount(FileSystem.kind(of: status), title)
      try file.clear()
      return file
    }
  }

  private static func opened(
    _ path: String, _ flags: CInt, permissions: mode_t = 0o666, for title: String? = nil
  ) throws(FileError) -> OpenFile {
    let title = title ?? path
    guard !path.utf8.contains(0) else { throw FileError(title, "the name holds a zero byte") }
    while true {
      let descriptor = open(path, flags | O_CLOEXEC, permissions)
      if descriptor >= 0 { return OpenFile(path: title, descriptor: descriptor) }
      if errno != EINTR { throw FileError(title, errorNumber: errno) }
    }
  }

  private func status() throws(FileError) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw fault() }
    return status
  }

  /// The length of the file now, 0 of a pipe.
  ///
  /// - Throws: `FileError`.
  package func byteCount() throws(FileError) -> Int {
    let status = try status()
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
  }

  // MARK: Reading

  /// Reads until the memory is full or the file ends; returns how many bytes were read.
  ///
  /// - Throws: `FileError`.
  package func read(into memory: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var filled = 0
    while filled < memory.count, let base = memory.baseAddress {
      let count = systemRead(descriptor, base + filled, memory.count - filled)
      if count == 0 { break }
      if count > 0 {
        filled += count
      } else if errno != EINTR {
        throw fault()
      }
    }
    return filled
  }

  /// Reads until the memory is full.
  ///
  /// - Throws: `FileError`, where the file ends before, too.
  package func fill(_ memory: UnsafeMutableRawBufferPointer) throws(FileError) {
    guard try read(into: memory) == memory.count else { throw FileError(path, "became shorter while it was read") }
  }

  /// Reads from a place until the memory is full; several threads may do so at once.
  ///
  /// - Throws: `FileError`, where the file ends before, too.
  package func fill(_ memory: UnsafeMutableRawBufferPointer, at place: Int) throws(FileError) {
    var filled = 0
    while filled < memory.count, let base = memory.baseAddress {
      let count = pread(descriptor, base + filled, memory.count - filled, off_t(place + filled))
      if count == 0 { throw FileError(path, "became shorter while it was read") }
      if count > 0 {
        filled += count
      } else if errno != EINTR {
        throw fault()
      }
    }
  }

  // MARK: Writing

  /// Writes all of the memory.
  ///
  /// - Throws: `FileError`.
  package func append(_ memory: UnsafeRawBufferPointer) throws(FileError) {
    var written = 0
    while written < memory.count, let base = memory.baseAddress {
      let count = write(descriptor, base + written, memory.count - written)
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw fault()
      }
    }
  }

  /// Writes all of the memory at a place.
  ///
  /// - Throws: `FileError`.
  package func put(_ memory: UnsafeRawBufferPointer, at place: Int) throws(FileError) {
    var written = 0
    while written < memory.count, let base = memory.baseAddress {
      let count = pwrite(descriptor, base + written, memory.count - written, off_t(place + written))
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw fault()
      }
    }
  }

  /// Makes the file longer, with zeros that take no space where the file system leaves gaps, or shorter.
  ///
  /// - Throws: `FileError`.
  package func resize(to byteCount: Int) throws(FileError) {
    while ftruncate(descriptor, off_t(byteCount)) != 0 {
      if errno != EINTR { throw fault() }
    }
  }

  /// Makes the device hold what was written, so that a rename after it never names a hollow file.
  ///
  /// - Throws: `FileError`.
  package func synchronize() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw fault() }
  }

  /// Cuts the file to nothing.
  ///
  /// - Throws: `FileError`.
  package func clear() throws(FileError) {
    guard ftruncate(descriptor, 0) == 0 else { throw fault() }
  }

  /// Takes the file for this process alone until it is closed; false where another process has it. A file system
  /// without locks gives it to everybody.
  package func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK }

  private func fault() -> FileError { FileError(path, errorNumber: errno) }
}

/// The system's function, which the method of the same name hides.
private func systemRead(_ descriptor: CInt, _ memory: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, memory, count)
}
