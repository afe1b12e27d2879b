import Foundation
import Testing

/// The memory that a process keeps while its shapes change, in a process of its own.
@Suite struct MemoryTests {
  /// What a program prints: its resident memory on the way, in kilobytes, and at the end what it keeps.
  private func measured(_ arguments: String...) throws -> (resident: [Int], plans: Int, arenas: Int, arenaBytes: Int) {
    let ending = try Run(program("MemoryProgram"), arguments).ending()
    try #require(ending.status == 0, "\(ending.errors)")
    let lines = ending.output.split(separator: "\n").map { $0.split(separator: " ") }
    let last = try #require(lines.last)
    let resident = lines.dropLast().compactMap { $0.last.flatMap { Int($0) } }
    print("MemoryProgram \(arguments.joined(separator: " ")): \(resident) KB, \(last.joined(separator: " "))")
    return (
      resident, try #require(Int(last[1])), try #require(Int(last[4])), try #require(Int(last[5]))
    )
  }

  /// Without sharing they took 3.5 GB.
  @Test func manyLengthsOfLongVectorsShareTheirMemory() throws {
    let found = try measured("lengths")
    #expect(found.arenas == 1 && found.arenaBytes < 100 << 20)
    #expect(found.resident.allSatisfy { $0 < 300 << 10 }, "\(found.resident)")
    #expect(found.resident[2] - found.resident[0] < 20 << 10, "\(found.resident)")
  }

  /// Without sharing they took 850 MB.
  @Test func manySequenceLengthsThroughOneStepShareTheirMemory() throws {
    let found = try measured("sequences")
    // The step is gone by then, and so is its memory.
    #expect(found.arenas == 0)
    #expect(found.resident.allSatisfy { $0 < 300 << 10 }, "\(found.resident)")
    #expect(found.resident[2] - found.resident[0] < 60 << 10, "\(found.resident)")
  }

  /// Plans with convolutions, which a library prepares.
  @Test func manyBatchSizesOfPicturesShareTheirMemory() throws {
    let found = try measured("pictures")
    try #require(found.resident.count == 4)
    #expect(found.resident[3] < 400 << 10 && found.resident[3] - found.resident[1] < 100 << 10, "\(found.resident)")
  }

  /// After the first few hundred, memory stays where it is.
  @Test func thousandsOfShapesStayWithinTheLimit() throws {
    let found = try measured("shapes", "3000")
    #expect(found.plans > 100 && found.plans <= 1_100)
    try #require(found.resident.count == 5)
    #expect(found.resident[4] < 200 << 10 && found.resident[4] - found.resident[2] < 5 << 10, "\(found.resident)")
  }

  /// Files that ask for as much memory as they can: a reader takes a stated multiple of the file at most.
  @Test func filesCostASmallMultipleOfTheirSize() throws {
    let folder = NSTemporaryDirectory() + "descent-memory-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let size = 4 << 20
    func repeated(_ text: String, after head: String = "") -> Data {
      Data((head + String(repeating: text, count: size / text.utf8.count)).utf8)
    }
    let different = (0..<size / 6).map { String($0 % 100_000, radix: 36) + "\n" }.joined()
    let columns = (0..<1_000).map { "c\($0)" }.joined(separator: ",")
    let claims = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 70, 0])
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }"
    let files: [(reader: String, name: String, contents: Data, factor: Int)] = [
      ("csv", "empty fields", repeated(",\n", after: "a,b\n"), 32),
      ("csv", "short numbers", repeated("1\n", after: "a\n"), 32),
      ("csv", "different texts", Data(("a\n" + different).utf8), 32),
      ("csv", "many columns and no rows", repeated("\n", after: columns + "\n"), 32),
      ("csv", "an open quote", repeated("\"\"", after: "a\n\""), 32),
      ("lines", "blank lines", repeated("\n"), 32),
      ("jsonlines", "short rows", repeated("{\"a\":1}\n"), 32),
      ("jsonlines", "rows without names", repeated("{}\n", after: "{\"a\":\"b\"}\n"), 32),
      ("jsonlines", "deep lists", repeated("["), 32),
      (
        "npy", "a claim", claims + Data((header + String(repeating: " ", count: 69 - header.utf8.count) + "\n").utf8),
        32
      ),
      ("safetensors", "a claim", Data([0xFF, 0xFF, 0xFF, 5, 0, 0, 0, 0]) + repeated("{"), 32),
      ("idx", "a claim", Data([0, 0, 14, 2, 0, 0xFF, 0xFF, 0xFF, 0, 0xFF, 0xFF, 0xFF]), 32),
    ]
    for (reader, name, contents, factor) in files {
      let path = folder + "/file"
      try contents.write(to: URL(fileURLWithPath: path))
      let ending = try Run(program("MemoryProgram"), [reader, path]).ending()
      try #require(ending.status == 0, "\(reader), \(name): \(ending.errors)")
      let words = ending.output.split(separator: " ", maxSplits: 1)
      let grown = try #require(words.first.flatMap { Int($0) })
      let multiple = Double(grown) * 1024 / Double(contents.count)
      print("\(reader), \(name): \(grown) KB, \(String(format: "%.1f", multiple)) times the file: \(words.last ?? "")")
      // What a process takes before it has read anything is not the file's.
      #expect(grown << 10 < factor * contents.count + 16 << 20, "\(reader), \(name)")
    }
  }
}
