import DescentFiles
import Foundation
import Testing

@Suite struct OpenFileTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  @Test func readingToTheEndAndNotBeyond() throws {
    try Data(1...10).write(to: URL(fileURLWithPath: folder.at("file")))
    let (file, byteCount) = try OpenFile.reading(folder.at("file"))
    #expect(byteCount == 10)
    var memory = [UInt8](repeating: 0, count: 8)
    try memory.withUnsafeMutableBytes { try file.fill($0) }
    #expect(memory == Array(1...8))
    let count = try memory.withUnsafeMutableBytes { try file.read(into: $0) }
    #expect(count == 2 && memory.prefix(2) == [9, 10])
    let error = #expect(throws: FileError.self) { try memory.withUnsafeMutableBytes { try file.fill($0) } }
    #expect(error?.fault == "became shorter while it was read")
  }

  @Test func onlyRegularFilesAreRead() throws {
    #expect(mkfifo(folder.at("pipe"), 0o600) == 0)
    for (path, fault) in [
      (folder.path, "is a directory, not a file"), (folder.at("pipe"), "is not a regular file"),
      ("/dev/zero", "is not a regular file"), (folder.at("none"), "no such file or directory"),
      ("/dev/null\0", "the name holds a zero byte"),
    ] {
      let error = #expect(throws: FileError.self) { _ = try OpenFile.reading(path) }
      #expect(error == FileError(path, fault))
    }
  }

  @Test func writingOnFromTheEnd() throws {
    for byte in UInt8(1)...3 {
      let file = try OpenFile.appending(folder.at("file"))
      #expect(file.lock())
      try withUnsafeBytes(of: byte) { try file.append($0) }
      #expect(try file.byteCount() == Int(byte))
    }
    let file = try OpenFile.appending(folder.at("file"))
    try file.clear()
    #expect(try file.byteCount() == 0)
  }

  @Test func aTemporaryFileIsNobodyElsesAndGoes() throws {
    var file: TemporaryFile? = try TemporaryFile([1, 2, 3], suffix: ".tmp")
    let path = try #require(file?.path)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600 && attributes[.size] as? Int == 3)
    withExtendedLifetime(file) {}
    file = nil
    #expect(FileSystem.kind(at: path) == nil)
  }
}
