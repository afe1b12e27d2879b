import DescentFiles
import Foundation
import Testing

@Suite struct FileSystemTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  @Test func whatNamesLeadTo() throws {
    try FileSystem.makeDirectory(folder.at("a/b/"))
    try Data(1...5).write(to: URL(fileURLWithPath: folder.at("file")))
    #expect(FileSystem.kind(at: folder.at("a")) == .directory)
    #expect(FileSystem.kind(at: folder.at("file")) == .regular(byteCount: 5))
    #expect(FileSystem.kind(at: "/dev/null") == .other)
    #expect(FileSystem.kind(at: folder.at("none")) == nil)
    #expect(FileSystem.kind(at: "/dev/null\0") == nil)
    #expect(try Set(FileSystem.names(in: folder.path)) == ["a", "file"])
    #expect(try FileSystem.names(in: folder.at("none")) == [])
    let error = #expect(throws: FileError.self) { try FileSystem.names(in: folder.at("file")) }
    #expect(error?.fault == "is a file, not a directory")
  }

  @Test func namesChange() throws {
    try FileSystem.makeDirectory(folder.at("a"))
    try FileSystem.move(folder.at("a"), to: folder.at("b"))
    #expect(folder.names == ["b"])
    let error = #expect(throws: FileError.self) { try FileSystem.move(folder.at("a"), to: folder.at("c")) }
    #expect(error == FileError(folder.at("c"), "no such file or directory"))
    try Data().write(to: URL(fileURLWithPath: folder.at("file")))
    FileSystem.remove(folder.at("file"))
    FileSystem.remove(folder.at("file"))
    #expect(folder.names == ["b"])
  }

  @Test(arguments: [
    ("file", "."), ("a/b", "a"), ("/a", "/"), ("/", "/"), ("a/b/", "a"), ("/a//b", "/a"), ("", "."),
  ]) func theDirectoryAbove(path: String, parent: String) {
    #expect(FileSystem.parent(of: path) == parent)
  }

  @Test func anErrorIsOneLine() {
    #expect(FileError("a\nb", "holds \u{2028}").description == "a\\nb: holds \\u{2028}")
    #expect(FileError("", "is empty").description == "(empty path): is empty")
  }

  @Test func thousandsApart() {
    let texts = [0, 999, 1000, -1000, 1_234_567, .min].map(\.grouped)
    #expect(texts == ["0", "999", "1,000", "-1,000", "1,234,567", "-9,223,372,036,854,775,808"])
  }
}
