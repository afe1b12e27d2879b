import DescentData
import DescentFiles
import Foundation
import Testing

@Suite struct IDXTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func everyElementTypeSurvivesTheFile() throws {
    func check<Element: IDXElement & Equatable>(_ elements: [Element]) throws {
      let array = try IDX(elements, shape: [2, elements.count / 2])
      let path = directory.at("array")
      try array.write(to: path)
      let read = try IDX.read(path)
      #expect(read == array)
      #expect(read.elements() == elements)
      #expect(read.count == elements.count)
    }
    try check([0, 1, 127, 255] as [UInt8])
    try check([0, 1, -128, 127] as [Int8])
    try check([0, 1, -32768, 32767, 258, -2] as [Int16])
    try check([0, 1, .min, .max] as [Int32])
    try check([0, -0.5, .infinity, 1e-30] as [Float])
    try check([0, .pi, -.infinity, 5e-300] as [Double])
  }

  @Test func aFileIsBigEndianWithAShapeInFront() throws {
    let array = try IDX([258, -2] as [Int16], shape: [1, 2])
    #expect(array.encoded() == [0, 0, 0x0B, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 0xFF, 0xFE])
    #expect(try IDX(file: array.encoded(), path: "memory").elements(as: Int16.self) == [258, -2])
    #expect(array.elements(as: Int32.self) == nil)
  }

  @Test func ranksFromZeroToEight() throws {
    for rank in 0...8 {
      let array = try IDX([7] as [Float], shape: Array(repeating: 1, count: rank))
      #expect(try IDX(file: array.encoded(), path: "memory") == array)
    }
    expectMistake("9 dimensions") { try IDX([7] as [UInt8], shape: Array(repeating: 1, count: 9)) }
    expectFault("9 dimensions", in: "memory") {
      try IDX(file: [0, 0, 8, 9] + [UInt8](repeating: 0, count: 40), path: "memory")
    }
  }

  @Test func emptyArrays() throws {
    let array = try IDX([] as [Double], shape: [0, 28, 28])
    #expect(try IDX(file: array.encoded(), path: "memory").elements() == [] as [Double])
    let overflowing: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8)
    #expect(try IDX(file: overflowing, path: "memory").count == 0)
  }

  @Test func shapesThatDoNotFit() {
    expectMistake("needs 6 elements, found 5") { try IDX([1, 2, 3, 4, 5] as [UInt8], shape: [2, 3]) }
    expectMistake("-1") { try IDX([] as [UInt8], shape: [-1]) }
  }

  @Test func damagedFiles() throws {
    func fault(_ text: String, _ bytes: [UInt8]) throws {
      let path = try directory.file("damaged", bytes)
      expectFault(text, in: path) { try IDX.read(path) }
    }
    try fault("is empty", [])
    try fault("inside the IDX header, after 3 bytes", [0, 0, 8])
    try fault("begins with 89 50 4e 47", [0x89, 0x50, 0x4E, 0x47, 0, 0])
    try fault("begins with 00 00 0a 01", [0, 0, 0x0A, 1, 0, 0, 0, 1, 0])
    try fault("3 dimensions need 16 bytes, found 8", [0, 0, 8, 3, 0, 0, 0, 1])
    try fault("is cut short: the header's shape [4] of uint8 is 4 bytes, found 3", [0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3])
    try fault("2 bytes follow the last element", [0, 0, 8, 1, 0, 0, 0, 1, 1, 2, 3])
    try fault("more bytes than a machine", [0, 0, 14, 8] + [UInt8](repeating: 0xFF, count: 32))
    try fault("is cut short", [0, 0, 14, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0])
  }

  @Test func filesThatAreNone() throws {
    expectFault("is a directory", in: directory.path) { try IDX.read(directory.path) }
    expectFault("no such file", in: directory.at("absent")) { try IDX.read(directory.at("absent")) }
    expectFault("zero byte") { try IDX.read("a\0b") }
    expectFault("(empty path): no such file") { try IDX.read("") }
    let path = try directory.file("large", [0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4])
    expectFault("holds 12 bytes, the limit is 11", in: path) { try IDX.read(path, limit: 11) }
    #expect(mkfifo(directory.at("pipe"), 0o600) == 0)
    expectFault("is not a regular file") { try IDX.read(directory.at("pipe")) }
    expectFault("is not a regular file") { try IDX.read("/dev/zero") }
    expectFault("no such file") { try IDX([1] as [UInt8], shape: [1]).write(to: directory.at("absent/array")) }
    expectFault("is a directory") { try IDX([1] as [UInt8], shape: [1]).write(to: directory.path) }
    #expect(directory.names == ["large", "pipe"])
  }

  @Test func aNameCannotForgeALine() {
    expectFault("a\\nb: no such file") { try IDX.read("a\nb") }
  }

  @Test func damageNeverTraps() throws {
    let file = try IDX((0..<60).map { Int32($0) }, shape: [3, 4, 5]).encoded()
    try fuzz("IDX", file, memoryFactor: 8) { _ = try IDX(file: $0, path: "memory") }
  }
}
