/// Whole files, read with a limit and written in one step.
public enum FileContents {
  /// The most bytes that ``read(_:limit:request:)`` takes without being told otherwise: one gibibyte.
  public static let defaultLimit = 1 << 30

  /// The contents of a file, decompressed where it begins as gzip does (whatever its name says).
  ///
  /// - Parameters:
  ///   - path: A regular file; a directory, a pipe or a device is refused.
  ///   - limit: The most bytes the file may hold, before and after decompression.
  ///   - request: What the file is wanted for; the error repeats it.
  /// - Returns: At least one byte.
  /// - Throws: ``DataError`` where the file is missing, empty, unreadable or longer than `limit`, and where its gzip
  ///   stream is cut short, corrupt, or contradicts the checksum or the length it ends with.
  /// - Complexity: O(*n*) in the bytes returned.
  public static func read(
    _ path: String, limit: Int = defaultLimit, request: String = "read"
  ) throws -> [UInt8] {
    let stored = try readStored(path, limit: limit, request: request)
    return try Gzip.isCompressed(stored)
      ? Gzip.decompressed(stored, limit: limit, path: path, request: request) : stored
  }

  /// What comes on standard input, to its end.
  ///
  /// - Parameters:
  ///   - limit: The most bytes that may come.
  ///   - request: What the bytes are wanted for; the error repeats it.
  /// - Throws: ``DataError`` where nothing comes, or more than `limit`, or standard input cannot be read.
  public static func standardInput(limit: Int = defaultLimit, request: String = "read") throws -> [UInt8] {
    let file = try File.standardInput(request: request)
    var bytes: [UInt8] = []
    var isOpen = true
    while isOpen {
      let more = try [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
        count = try file.fill(UnsafeMutableRawBufferPointer(buffer))
      }
      bytes += more
      isOpen = more.count == 1 << 20
      if bytes.count > limit {
        throw DataError(request, path: file.path, fault: "holds more than \(limit.grouped) bytes, the limit")
      }
    }
    if bytes.isEmpty { throw DataError(request, path: file.path, fault: "is empty") }
    return bytes
  }

  /// The bytes of a file as they lie on the disk.
  static func readStored(_ path: String, limit: Int, request: String) throws -> [UInt8] {
    func tooLong(_ size: String) -> DataError {
      DataError(request, path: path, fault: "holds \(size) bytes, the limit is \(limit.grouped)")
    }
    let file = try File.reading(path, request: request)
    guard case .regular(let byteCount) = try file.kind() else {
      throw DataError(request, path: path, fault: "is not a regular file")
    }
    if byteCount > limit { throw tooLong(byteCount.grouped) }
    // One byte more than promised, so that a file which grows meanwhile is seen to do so; files of the system that
    // claim to be empty (/proc) are read in the same way up to a page.
    let capacity = max(byteCount, 4096) + 1
    let bytes = try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      count = try file.fill(UnsafeMutableRawBufferPointer(buffer))
    }
    if bytes.isEmpty { throw DataError(request, path: path, fault: "is empty") }
    if bytes.count > limit { throw tooLong("more than \(limit.grouped)") }
    if bytes.count == capacity { throw DataError(request, path: path, fault: "grew while it was read") }
    return bytes
  }

  /// Writes a file so that its name always leads to the whole of the old contents or the whole of the new.
  ///
  /// The bytes go to a neighbouring file that is renamed when the disk holds them; on a failure (a full disk, a
  /// missing directory) what was there before is untouched and nothing is left behind.
  ///
  /// - Throws: ``DataError``.
  public static func write(_ bytes: [UInt8], to path: String, request: String = "write") throws {
    try File.checkReplaceable(path, request: request)
    let temporary = neighbour(of: path)
    do {
      let file = try File.writing(temporary, appending: false, request: request)
      try bytes.withUnsafeBytes { try file.append($0) }
      try file.synchronize()
      try File.move(temporary, to: path, request: request)
    } catch var error as DataError {
      File.remove(temporary)
      error.path = path
      throw error
    }
  }

  /// Makes sure that a file can be written, before the work whose result goes there.
  ///
  /// - Throws: ``DataError`` where the path names something other than a file, or no file can be made in its directory.
  public static func checkWritable(_ path: String, request: String = "write") throws {
    try File.checkReplaceable(path, request: request)
    let trial = neighbour(of: path)
    do { _ = try File.writing(trial, appending: false, request: request) } catch var error as DataError {
      error.path = path
      throw error
    }
    File.remove(trial)
  }

  /// A name of its own for each writer: two that share one would mix their bytes.
  private static func neighbour(of path: String) -> String { "\(path).\(UInt32.random(in: .min ... .max)).tmp" }

  /// Makes a directory and those above it; nothing happens to one that exists.
  ///
  /// - Throws: ``DataError`` where it cannot be made, or the path names a file.
  public static func makeDirectory(_ path: String, request: String = "make a directory") throws {
    try File.makeDirectory(path, request: request)
  }
}
