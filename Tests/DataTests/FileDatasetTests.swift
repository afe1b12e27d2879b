import DescentData
import DescentFiles
import DescentTensors
import DescentTypes
import Testing

/// Data sets whose elements stay on the disk until they are asked for.
@Suite struct FileDatasetTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func lines() throws {
    let path = try directory.file("t.txt", Array("\u{FEFF}one\r\n\nzwölf\nlast".utf8))
    let lines = try Dataset(lines: path)
    #expect(lines.count == 4)
    #expect(try lines.all() == TextLines.read(path))
    #expect(try lines.shuffled(seed: 1).all().sorted() == ["", "last", "one", "zwölf"])
    let long = (0..<3000).map { "\($0) " + String(repeating: "x", count: $0 % 700) }
    try TextLines.write(long, to: directory.at("long.txt"))
    let many = try Dataset(lines: directory.at("long.txt"))
    #expect(many.count == 3000)
    #expect(try [0, 1, 1499, 2999].map { try many.element($0) } == [0, 1, 1499, 2999].map { long[$0] })
    let wrong = try Dataset(lines: directory.file("bad.txt", [0x61, 10, 0xFF, 10]))
    expectFault("line 2 is not valid UTF-8", in: directory.at("bad.txt")) { try wrong.element(1) }
    expectFault("is empty") { try Dataset(lines: directory.file("empty.txt", [])) }
    expectFault("is compressed by gzip") { try Dataset(lines: directory.file("t.gz", gzipStored([1, 2]))) }
  }

  @Test func jsonLines() throws {
    let path = try directory.file("t.jsonl", Array("{\"a\":[1,2]}\n{\"a\":[3]}\n{\"a\":4}\n".utf8))
    let values = try Dataset(jsonLines: path, as: [String: [Int]].self)
    #expect(values.count == 3)
    #expect(try values.element(1) == ["a": [3]])
    expectFault("line 3: a: is no ", in: path) { try values.element(2) }
  }

  @Test func rowsOfAnArray() throws {
    let matrix = Tensor((0..<24).map(Double.init), shape: [4, 3, 2], .int16)
    try NPY.write(matrix, to: directory.at("a.npy"))
    let rows = try Dataset(npy: directory.at("a.npy"))
    #expect(rows.count == 4)
    #expect(try rows.element(2).scalars() == [12, 13, 14, 15, 16, 17] && rows.element(2).shape == [3, 2])
    let batch = try rows.shuffled(seed: 1).batched(4).batch(0, epoch: 0)
    #expect(batch.shape == [4, 3, 2] && batch.elementType == .int16)
    #expect(try batch.scalars().sorted() == (0..<24).map(Double.init))
    try NPY.write(Tensor(1), to: directory.at("b.npy"))
    expectFault("holds a single number, no rows") { try Dataset(npy: directory.at("b.npy")) }
  }
}
