#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What names lead to, and how names change.
package enum FileSystem {
  /// What is named by a path.
  package enum Kind: Equatable, Sendable {
    case regular(byteCount: Int)
    case directory
    case other
  }

  // MARK: Asking

  /// What a path names, or nil where there is nothing.
  package static func kind(at path: String) -> Kind? {
    var status = stat()
    // The system would take a zero byte for the path's end.
    return !path.utf8.contains(0) && stat(path, &status) == 0 ? kind(of: status) : nil
  }

  /// Whether a path itself is a symbolic link, whatever it leads to.
  package static func isLink(_ path: String) -> Bool {
    // With a slash at its end, a path means what the link leads to.
    var name = Substring(path)
    while name.count > 1, name.hasSuffix("/") { name.removeLast() }
    var status = stat()
    return !path.utf8.contains(0) && lstat(String(name), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  static func kind(of status: stat) -> Kind {
    switch status.st_mode & S_IFMT {
    case S_IFREG: .regular(byteCount: Int(status.st_size))
    case S_IFDIR: .directory
    default: .other
    }
  }

  /// Refuses a path that names something other than a regular file: a rename would put a file in the place of a device.
  static func checkReplaceable(_ path: String) throws(FileError) {
    guard !path.isEmpty else { throw FileError(path, errorNumber: ENOENT) }
    if let kind = kind(at: path) { _ = try regularByteCount(kind, path) }
  }

  /// The length of a regular file; refuses what is none.
  static func regularByteCount(_ kind: Kind, _ path: String) throws(FileError) -> Int {
    switch kind {
    case .regular(let byteCount): return byteCount
    case .directory: throw FileError(path, errorNumber: EISDIR)
    case .other: throw FileError(path, "is not a regular file")
    }
  }

  /// The names in a directory, in no order; none where there is no directory.
  ///
  /// - Throws: `FileError` where the path names a file, or the directory cannot be read.
  package static func names(in path: String) throws(FileError) -> [String] {
    guard let kind = kind(at: path) else { return [] }
    guard kind == .directory else { throw FileError(path, "is a file, not a directory") }
    guard let directory = opendir(path) else { throw FileError(path, errorNumber: errno) }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else { break }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw FileError(path, errorNumber: errno) }
    return names
  }

  /// The directory that a path lies in, "." for a bare name.
  package static func parent(of path: String) -> String {
    var rest = Substring(path)
    while rest.count > 1, rest.hasSuffix("/") { rest.removeLast() }
    guard let slash = rest.lastIndex(of: "/") else { return "." }
    rest = rest[..<slash]
    while rest.hasSuffix("/") { rest.removeLast() }
    return rest.isEmpty ? "/" : String(rest)
  }

  // MARK: Changing

  /// Gives a file or a directory another name in the same file system, in one step that leaves no moment without the
  /// name.
  ///
  /// - Throws: `FileError`, in the new name.
  package static func move(_ path: String, to name: String) throws(FileError) {
    guard rename(path, name) == 0 else { throw FileError(name, errorNumber: errno) }
    // The new name lives in the directory, which has to reach the device as well. Some file systems do not let
    // directories be written out, which is no reason to call the file lost.
    let directory = open(parent(of: name), O_RDONLY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  /// Removes a file if it is there.
  package static func remove(_ path: String) { unlink(path) }

  /// Makes a directory and those above it; nothing happens to one that exists.
  ///
  /// - Throws: `FileError`.
  package static func makeDirectory(_ path: String) throws(FileError) {
    switch kind(at: path) {
    case .directory: return
    case .regular, .other: throw FileError(path, "is a file, not a directory")
    case nil: break
    }
    guard path.utf8.count < PATH_MAX else { throw FileError(path, errorNumber: ENAMETOOLONG) }
    let above = parent(of: path)
    if above != path { try makeDirectory(above) }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw FileError(path, errorNumber: errno) }
  }
}
