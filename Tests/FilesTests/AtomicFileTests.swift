import DescentFiles
import Foundation
import Testing

@Suite struct AtomicFileTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func write(_ bytes: [UInt8], to path: String) throws {
    try bytes.withUnsafeBytes { try AtomicFile.write([$0, $0], to: path) }
  }

  @Test func piecesFollowEachOther() throws {
    try write([1, 2], to: folder.at("file"))
    #expect(folder.contents("file") == [1, 2, 1, 2])
    try write([], to: folder.at("file"))
    #expect(folder.contents("file") == [])
    #expect(folder.names == ["file"])
  }

  @Test func whatAKilledProcessLeftIsWrittenOver() throws {
    try Data(repeating: 9, count: 100).write(to: URL(fileURLWithPath: folder.at("file.partial")))
    try write([1], to: folder.at("file"))
    #expect(folder.contents("file") == [1, 1])
    #expect(folder.names == ["file"])
  }

  @Test func onAFailureTheOldContentsStay() throws {
    try write([1], to: folder.at("file"))
    // Neither a link nor a directory is followed or written in the neighbor's place.
    try FileManager.default.createSymbolicLink(
      atPath: folder.at("file.partial"), withDestinationPath: folder.at("other"))
    #expect(throws: FileError.self) { try write([2], to: folder.at("file")) }
    #expect(throws: FileError.self) { try AtomicFile.checkWritable(folder.at("file")) }
    #expect(folder.contents("file") == [1, 1])
    #expect(folder.names == ["file", "file.partial"])
  }

  /// Pieces that are made one after the other; what their maker throws comes out as it is.
  @Test func aMakerThatFailsLeavesTheOldContents() throws {
    struct Stop: Error {}
    func made(_ count: UInt8, failing: Bool) throws {
      try AtomicFile.write(to: folder.at("file")) { file in
        for byte in 0..<count { try withUnsafeBytes(of: byte) { try file.append($0) } }
        if failing { throw Stop() }
      }
    }
    try made(3, failing: false)
    #expect(throws: Stop.self) { try made(2, failing: true) }
    #expect(folder.contents("file") == [0, 1, 2])
    #expect(folder.names == ["file"])
  }

  /// Each waits for the others, so that no file holds bytes of two.
  @Test func severalWritersOfOneFile() async throws {
    let path = folder.at("file")
    try await withThrowingTaskGroup { group in
      for writer in UInt8(0)..<8 {
        group.addTask {
          let bytes = [UInt8](repeating: writer, count: 10_000)
          for _ in 0..<5 { try bytes.withUnsafeBytes { try AtomicFile.write([$0, $0], to: path) } }
        }
      }
      try await group.waitForAll()
    }
    let contents = folder.contents("file")
    #expect(contents.count == 20_000 && Set(contents).count == 1)
    #expect(folder.names == ["file"])
  }

  @Test func namesThatAreNone() {
    for path in ["", "a\0b", folder.path, folder.at("none/file")] {
      #expect(throws: FileError.self) { try write([1], to: path) }
      #expect(throws: FileError.self) { try AtomicFile.checkWritable(path) }
    }
    #expect(folder.names == [])
  }
}
