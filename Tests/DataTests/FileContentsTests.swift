import DescentData
import DescentFiles
import Foundation
import Testing

@Suite struct FileContentsTests {
  /// A rename would put a file in the place of a device, such as `/dev/null`.
  @Test func pipesAndDevicesAreNotReplaced() throws {
    let folder = try TemporaryDirectory()
    let pipe = folder.at("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    expectFault("is not a regular file", in: pipe) { try FileContents.write([1], to: pipe) }
    expectFault("is not a regular file", in: pipe) { try FileContents.checkWritable(pipe) }
    #expect(folder.names == ["pipe"])
    var status = stat()
    #expect(stat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test func placesThatCannotBeWritten() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.file("file", [1])
    expectFault("is a directory, not a file", in: folder.path) { try FileContents.checkWritable(folder.path) }
    expectFault("no such file or directory", in: folder.at("none/x")) {
      try FileContents.checkWritable(folder.at("none/x"))
    }
    for path in ["", file + "/x", folder.at("x/"), folder.at(String(repeating: "x", count: 300))] {
      #expect(throws: FileError.self, "\(path)") { try FileContents.checkWritable(path) }
    }
    expectFault("is a file, not a directory", in: file) { try FileContents.makeDirectory(file + "/x") }
    try FileContents.checkWritable(file)
    try FileContents.checkWritable(folder.at("new"))
    try FileContents.makeDirectory(folder.at("a/b"))
    #expect(folder.names == ["a", "file"])
  }
}
