import Foundation

/// An open file: the one place where this module talks to the file system, so that each fault gets its words once.
final class File {
  /// What is named by a path.
  enum Kind {
    case regular(byteCount: Int)
    case directory
    case other
  }

  let path: String
  private let request: String
  private let descriptor: CInt

  private init(path: String, request: String, descriptor: CInt) {
    self.path = path
    self.request = request
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Opens a file to read it; refuses directories, pipes and devices.
  static func reading(_ path: String, request: String) throws -> File {
    // Without O_NONBLOCK the opening of a pipe that nobody writes to would never return.
    let file = try opened(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, request: request)
    switch try file.kind() {
    case .regular: return file
    case .directory: throw file.error("is a directory, not a file")
    case .other: throw file.error("is not a regular file")
    }
  }

  /// Standard input, which may be a pipe.
  static func standardInput(request: String) throws -> File {
    let path = "standard input"
    let descriptor = dup(STDIN_FILENO)
    guard descriptor >= 0 else { throw DataError(request, path: path, fault: faultText(errno)) }
    return File(path: path, request: request, descriptor: descriptor)
  }

  /// Opens a file to write it: a new one that must not exist yet, or one to append to.
  static func writing(_ path: String, appending: Bool, request: String) throws -> File {
    try opened(path, O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_EXCL), request: request)
  }

  private static func opened(_ path: String, _ flags: CInt, request: String) throws -> File {
    guard !path.utf8.contains(0) else { throw DataError(request, path: path, fault: "the name holds a zero byte") }
    while true {
      let descriptor = open(path, flags, 0o666)
      if descriptor >= 0 { return File(path: path, request: request, descriptor: descriptor) }
      if errno != EINTR { throw DataError(request, path: path, fault: faultText(errno)) }
    }
  }

  /// What the open file is, and how long.
  func kind() throws -> Kind {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw error(faultText(errno)) }
    return Self.kind(of: status)
  }

  /// The length of the open file.
  func byteCount() throws -> Int {
    guard case .regular(let byteCount) = try kind() else { return 0 }
    return byteCount
  }

  /// What a path names, or nil where there is nothing.
  static func kind(at path: String) -> Kind? {
    var status = stat()
    return stat(path, &status) == 0 ? kind(of: status) : nil
  }

  /// Refuses a path that names something other than a regular file: a rename would put a file in the place of a device.
  static func checkReplaceable(_ path: String, request: String) throws {
    guard !path.isEmpty else { throw DataError(request, path: path, fault: faultText(ENOENT)) }
    switch kind(at: path) {
    case .regular, nil: return
    case .directory: throw DataError(request, path: path, fault: faultText(EISDIR))
    case .other: throw DataError(request, path: path, fault: "is not a regular file")
    }
  }

  private static func kind(of status: stat) -> Kind {
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .regular(byteCount: Int(status.st_size))
    case S_IFDIR: return .directory
    default: return .other
    }
  }

  /// Reads until the buffer is full or the file ends; returns how much was read.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < buffer.count, let base = buffer.baseAddress {
      let count = read(descriptor, base + filled, buffer.count - filled)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw error(faultText(errno))
      }
      filled += count
    }
    return filled
  }

  /// Writes all of the buffer.
  func append(_ buffer: UnsafeRawBufferPointer) throws {
    var written = 0
    while written < buffer.count, let base = buffer.baseAddress {
      let count = write(descriptor, base + written, buffer.count - written)
      if count < 0 {
        if errno == EINTR { continue }
        throw error(faultText(errno))
      }
      written += count
    }
  }

  /// Makes the device hold what was written, so that a rename after it never names a hollow file.
  func synchronize() throws {
    guard fsync(descriptor) == 0 else { throw error(faultText(errno)) }
  }

  /// Takes the file for this process alone until it is closed; false where another process has it. A file system
  /// without locks gives it to everybody.
  func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK }

  /// Cuts the file to nothing.
  func clear() throws {
    guard ftruncate(descriptor, 0) == 0 else { throw error(faultText(errno)) }
  }

  /// Gives a file another name in the same file system, in one step that leaves no moment without the name.
  static func move(_ path: String, to name: String, request: String) throws {
    guard rename(path, name) == 0 else { throw DataError(request, path: name, fault: faultText(errno)) }
    // The new name lives in the directory, which has to reach the device as well.
    let directory = open(parent(of: name), O_RDONLY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  /// Removes a file if it is there.
  static func remove(_ path: String) { unlink(path) }

  /// Makes a directory and those above it; nothing happens to one that exists.
  static func makeDirectory(_ path: String, request: String) throws {
    switch kind(at: path) {
    case .directory: return
    case .regular, .other: throw DataError(request, path: path, fault: "is a file, not a directory")
    case nil: break
    }
    guard path.utf8.count < PATH_MAX else { throw DataError(request, path: path, fault: faultText(ENAMETOOLONG)) }
    let above = parent(of: path)
    if above != path { try makeDirectory(above, request: request) }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw DataError(request, path: path, fault: faultText(errno))
    }
  }

  /// The directory that a path lies in, "." for a bare name.
  static func parent(of path: String) -> String {
    var rest = Substring(path)
    while rest.count > 1, rest.hasSuffix("/") { rest.removeLast() }
    guard let slash = rest.lastIndex(of: "/") else { return "." }
    rest = rest[..<slash]
    while rest.hasSuffix("/") { rest.removeLast() }
    return rest.isEmpty ? "/" : String(rest)
  }

  private func error(_ fault: String) -> DataError { DataError(request, path: path, fault: fault) }
}

/// What a system error number means for a file, in plain words.
private func faultText(_ number: CInt) -> String {
  switch number {
  case ENOENT: return "no such file or directory"
  case EACCES, EPERM: return "permission denied"
  case ENOSPC, EDQUOT: return "no space left on the disk"
  case EFBIG: return "the file would grow past what the system allows"
  case EISDIR: return "is a directory, not a file"
  case ENOTDIR: return "a part of the path is a file, not a directory"
  case EEXIST: return "exists already"
  case EROFS: return "the file system is read-only"
  case EIO: return "the device failed (input/output error)"
  default: return strerror(number).map { String(cString: $0) } ?? "system error \(number)"
  }
}
