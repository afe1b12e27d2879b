import DescentData
import DescentFiles
import Foundation
import Testing

@testable import DescentZIP

@Suite struct ZIPCodeListTests {
  @Test func listsKnowTheirPrefixes() {
    let list = ZIPCodeList([501, 90_210, 99_950, -1, 100_000])
    #expect(list.count == 3)
    #expect(list.contains([0, 0, 5, 0, 1]))
    #expect(!list.contains([0, 0, 5, 0]))
    #expect(list.allows(prefix: []))
    #expect(list.allows(prefix: [9, 9, 9]))
    #expect(!list.allows(prefix: [9, 1]))
    #expect(!list.allows(prefix: [10]))
  }

  private func list(_ text: String) throws -> ZIPCodeList {
    let path = NSTemporaryDirectory() + "/zip-codes-\(UUID().uuidString).csv"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try ZIPCodeList(contentsOfFile: path)
  }

  @Test func codesBeginTheirLines() throws {
    let codes = try list("CODE,CITY\r\n00601,Adjuntas\r\n\"90210\",Beverly Hills\n\n 12345\n")
    #expect(codes.codes == [601, 12_345, 90_210])
  }

  @Test(arguments: ["", "CODE\n", "CODE\n1234\n", "90210\nninety\n", "90210\n902101\n"])
  func otherLinesAreRefused(text: String) {
    #expect(throws: FileError.self) { try list(text) }
  }

  @Test func aMissingFileIsNamed() {
    #expect(throws: FileError.self) { try ZIPCodeList(contentsOfFile: "/nowhere/codes.csv") }
  }

  @Test func theListInUseIsRead() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = root.deletingLastPathComponent().path + "/shared/data/zip_codes/us_zip_codes_unique.csv"
    guard FileManager.default.fileExists(atPath: path) else {
      print("skipped: no list of ZIP codes in use at ../shared/data/zip_codes")
      return
    }
    let codes = try ZIPCodeList(contentsOfFile: path)
    #expect(codes.count == 37_988)
    #expect(codes.contains([9, 0, 2, 1, 0]))
  }
}
