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
}
