import DescentData
import DescentFiles
import DescentTensors
import Foundation
import Testing

/// Tables that are read from the disk some rows at a time.
@Suite struct CSVStreamTests {
  /// Rows whose texts hold line ends and separators, more bytes than are read at once.
  private static func text(_ count: Int) -> String {
    "number,half,word\n"
      + (0..<count).map { "\($0),\(Double($0) / 2),\"a word,\n\($0 % 7) and some more of it\"\n" }.joined()
  }

  private func whole(_ stream: DataStream<Table, CSVPlace>) throws -> [Table] {
    var (stream, tables) = (stream, [Table]())
    while let table = try stream.next() { tables.append(table) }
    return tables
  }

  @Test func rowsOfAPlainFile() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.file("a.csv", Self.text(12_000).utf8)
    let all = try Table.read(csv: path)
    for rows in [1_000, 4_097, 50_000] {
      let tables = try whole(DataStream(csv: path, rows: rows))
      #expect(tables.map(\.rowCount) == stride(from: 0, to: 12_000, by: rows).map { min(rows, 12_000 - $0) })
      #expect(tables.flatMap { $0["number"]?.numbers ?? [] } == all["number"]?.numbers)
      #expect(tables.flatMap { $0["half"]?.numbers ?? [] } == all["half"]?.numbers)
      #expect(tables.flatMap { $0["word"]?.texts ?? [] } == all["word"]?.texts)
    }
  }

  @Test(hasZlib) func compressedFiles() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.file("a.csv.gz", gzipStored(Array(Self.text(12_000).utf8)))
    let tables = try whole(DataStream(csv: path, rows: 5_000))
    #expect(tables.map(\.rowCount) == [5_000, 5_000, 2_000])
    #expect(tables.flatMap { $0["number"]?.numbers ?? [] } == (0..<12_000).map(Double.init))
    var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    bytes.removeLast(100)
    let short = try folder.file("short.csv.gz", bytes)
    expectFault("cut short", in: short) { try whole(DataStream(csv: short, rows: 5_000)) }
  }

  /// A stream goes on from its place, in another process, and back.
  @Test func places() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.file("a.csv", Self.text(9_000).utf8)
    var stream = try DataStream(csv: path, rows: 700)
    for _ in 0..<5 { _ = try stream.next() }
    let place = try JSONDecoder().decode(CSVPlace.self, from: JSONEncoder().encode(stream.place))
    let next = try stream.next()
    #expect(next?["number"]?.numbers?.first == 3_500)
    var other = try DataStream(csv: path, rows: 700)
    other.go(to: place)
    #expect(try other.next() == next)
    let after = try other.next()
    stream.go(to: CSVPlace())
    #expect(try stream.next()?["number"]?.numbers?.first == 0)
    stream.go(to: place)
    _ = try stream.next()
    #expect(try stream.next() == after)
    // Copies share a reader, and each has its own place.
    var copy = stream
    #expect(try stream.next() == copy.next())
  }

  @Test func faultsAreNamed() throws {
    let folder = try TemporaryDirectory()
    let text = "a,b\n" + (0..<20).map { "\($0),\($0)\n" }.joined()
    let wrong = try folder.file("wrong.csv", (text + "x,1\n").utf8)
    expectFault("line 22, column 1 (a): not a number", in: wrong) {
      try whole(DataStream(csv: wrong, rows: 3))
    }
    // Given kinds count, and a column that is not whole at the end is one of numbers where it is told.
    let format = CSVFormat(kinds: ["a": .texts])
    #expect(try whole(DataStream(csv: wrong, rows: 3, format: format)).last?["a"]?.texts == ["18", "19", "x"])
    let open = try folder.file("open.csv", (text + "\"1,2\n").utf8)
    expectFault("line 22, column 1 (a): a quote is opened and never closed", in: open) {
      try whole(DataStream(csv: open, rows: 3))
    }
    let short = try folder.file("short.csv", (text + "1\n").utf8)
    expectFault("line 22 ends after 1 of 2 fields", in: short) { try whole(DataStream(csv: short, rows: 30)) }
    expectFault("holds no rows") { try DataStream(csv: folder.file("empty.csv", []), rows: 3) }
    #expect(try whole(DataStream(csv: folder.file("header.csv", "a,b\n".utf8), rows: 3)).isEmpty)
    expectMistake("takes at least 1 row at a time, found 0") { try DataStream(csv: wrong, rows: 0) }
    expectMistake("there is no column c") { try DataStream(csv: wrong, rows: 1, format: CSVFormat(columns: ["c"])) }
    expectFault("no such file", in: folder.at("none")) { try DataStream(csv: folder.at("none"), rows: 1) }
  }

  /// The elements of a stream are the batches of epochs, asked for in any order.
  @Test func batchesOfEpochs() throws {
    let stream = DataStream(from: 0) { place -> Tensor? in
      guard place < 7 else { return nil }
      place += 1
      return Tensor(Double(place))
    }
    let batches = stream.batched(2).epochs(of: 3, examples: 6)
    #expect(batches.batchCount == 3 && batches.exampleCount == 6)
    func values(_ index: Int, _ epoch: Int) throws -> [Double] { try batches.batch(index, epoch: epoch).scalars() }
    #expect(try values(0, 0) == [1, 2] && values(1, 0) == [3, 4] && values(2, 0) == [5, 6])
    // It begins again where it ends.
    #expect(try values(0, 1) == [7] && values(1, 1) == [1, 2])
    #expect(try values(2, 0) == [5, 6] && values(2, 1) == [3, 4] && values(2, 1) == [3, 4])
    let nothing = DataStream(from: 0) { (_: inout Int) -> Tensor? in nil }
    expectMistake("the stream holds no batches") { try nothing.epochs(of: 1).batch(0, epoch: 0) }
  }
}
