#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An open file: the one place of this floor that talks to the file system, so that each fault gets its words once.
final class NativeFile {
  let path: String
  private let descriptor: CInt

  private init(path: String, descriptor: CInt) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Opens a regular file to read it; refuses directories, pipes and devices.
  static func reading(_ path: String) throws -> (file: NativeFile, byteCount: Int) {
    // Without O_NONBLOCK the opening of a pipe that nobody writes to would never return.
    let file = try open(path, path, O_RDONLY | O_NONBLOCK)
    let status = try file.status()
    try checkRegular(status, path)
    return (file, Int(status.st_size))
  }

  /// Opens a file to write it from its beginning, for this process alone.
  ///
  /// - Parameter title: How errors name the file.
  static func writing(_ path: String, for title: String) throws -> NativeFile {
    while true {
      let file = try open(path, title, O_WRONLY | O_CREAT | O_NOFOLLOW)
      while flock(file.descriptor, LOCK_EX) != 0 {
        // A file system without locks gives the file to everybody.
        if errno != EINTR { break }
      }
      // Whoever held the lock before may have given the file its final name: then ours is another one by now.
      var named = stat()
      let opened = try file.status()
      guard stat(path, &named) == 0, named.st_ino == opened.st_ino, named.st_dev == opened.st_dev else { continue }
      try checkRegular(opened, title)
      guard ftruncate(file.descriptor, 0) == 0 else { throw FileError(title, faultText(errno)) }
      return file
    }
  }

  private static func open(_ path: String, _ title: String, _ flags: CInt) throws -> NativeFile {
    guard !path.utf8.contains(0) else { throw FileError(title, "the name holds a zero byte") }
    while true {
      #if canImport(Glibc)
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o666)
      #elseif canImport(Musl)
        let descriptor = Musl.open(path, flags | O_CLOEXEC, 0o666)
      #else
        let descriptor = Darwin.open(path, flags | O_CLOEXEC, 0o666)
      #endif
      if descriptor >= 0 { return NativeFile(path: title, descriptor: descriptor) }
      if errno != EINTR { throw FileError(title, faultText(errno)) }
    }
  }

  private func status() throws -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path, faultText(errno)) }
    return status
  }

  /// Refuses what a path names, if it names something, unless it is a regular file.
  static func checkRegular(_ path: String) throws {
    var status = stat()
    if stat(path, &status) == 0 { try checkRegular(status, path) }
  }

  private static func checkRegular(_ status: stat, _ path: String) throws {
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: throw FileError(path, "is a directory, not a file")
    default: throw FileError(path, "is not a regular file")
    }
  }

  /// Reads until the memory is full.
  func fill(_ memory: UnsafeMutableRawBufferPointer) throws {
    var filled = 0
    while filled < memory.count, let base = memory.baseAddress {
      let count = read(descriptor, base + filled, memory.count - filled)
      if count > 0 {
        filled += count
      } else if count == 0 {
        throw FileError(path, "became shorter while it was read")
      } else if errno != EINTR {
        throw FileError(path, faultText(errno))
      }
    }
  }

  /// Writes all of the memory.
  func append(_ memory: UnsafeRawBufferPointer) throws {
    var written = 0
    while written < memory.count, let base = memory.baseAddress {
      let count = write(descriptor, base + written, memory.count - written)
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw FileError(path, faultText(errno))
      }
    }
  }

  /// Makes the device hold what was written.
  func synchronize() throws {
    guard fsync(descriptor) == 0 else { throw FileError(path, faultText(errno)) }
  }

  /// Gives a file another name in the same folder, in one step that leaves no moment without the name.
  static func move(_ path: String, to name: String) throws {
    guard rename(path, name) == 0 else { throw FileError(name, faultText(errno)) }
    // The new name lives in the folder, which has to reach the device as well. Some file systems do not let folders be
    // written out, which is no reason to call the file lost.
    if let folder = try? open(folder(of: name), name, O_RDONLY) { fsync(folder.descriptor) }
  }

  /// Removes a file if it is there.
  static func remove(_ path: String) { unlink(path) }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What a system error number means for a file, in plain words.
  private static func faultText(_ number: CInt) -> String {
    switch number {
    case ENOENT: "no such file or directory"
    case EACCES, EPERM: "permission denied"
    case ENOSPC, EDQUOT: "no space left on the disk"
    case EFBIG: "the file would grow past what the system allows"
    case EISDIR: "is a directory, not a file"
    case ENOTDIR: "a part of the path is a file, not a directory"
    case EROFS: "the file system is read-only"
    case EIO: "the device failed (input/output error)"
    default: strerror(number).map { String(cString: $0) } ?? "system error \(number)"
    }
  }

  private func faultText(_ number: CInt) -> String { Self.faultText(number) }
}
