import DescentData
import DescentFiles
import DescentTensors
import Foundation
import Testing

@Suite struct TextLinesTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  func read(_ text: String) throws -> [String] { try TextLines.read(file: Array(text.utf8), path: "memory") }

  @Test func lines() throws {
    #expect(try read("a\n\nb\r\nc") == ["a", "", "b", "c"])
    #expect(try read("\u{FEFF}é\n") == ["é"])
    #expect(try read("a\rb\n") == ["a\rb"])
    expectFault("line 2 is not valid UTF-8", in: "memory") {
      try TextLines.read(file: [0x61, 10, 0xFF, 10], path: "memory")
    }
    expectFault("it looks like UTF-16") { try TextLines.read(file: [0xFF, 0xFE, 0x61, 0], path: "memory") }
    try TextLines.write(["one", "", "zwei"], to: directory.at("a.txt"))
    #expect(try TextLines.read(directory.at("a.txt")) == ["one", "", "zwei"])
    expectFault("line 2 to be written holds a line end") {
      try TextLines.write(["a", "b\nc"], to: directory.at("b.txt"))
    }
  }

  @Test func damageNeverTraps() throws {
    try fuzz("text", Array("Zeile 1\r\nzwei é\n\n".utf8), memoryFactor: 32) {
      _ = try TextLines.read(file: $0, path: "memory")
    }
  }
}

@Suite struct JSONLinesTests {
  struct Caption: Codable, Equatable {
    var index: Int
    var words: [String]
    var score: Double?
  }

  let directory: TemporaryDirectory
  let captions = [Caption(index: 1, words: ["a", "/b\n"], score: nil), Caption(index: 2, words: [], score: 0.5)]

  init() throws { directory = try TemporaryDirectory() }

  @Test func values() throws {
    try JSONLines.write(captions, to: directory.at("a.jsonl"))
    #expect(try JSONLines.read(directory.at("a.jsonl"), as: Caption.self) == captions)
    let text = String(decoding: try FileContents.read(directory.at("a.jsonl")), as: UTF8.self)
    #expect(text == "{\"index\":1,\"words\":[\"a\",\"/b\\n\"]}\n{\"index\":2,\"score\":0.5,\"words\":[]}\n")
    expectFault("value 1 cannot be written") { try JSONLines.write([1, .infinity], to: directory.at("b.jsonl")) }
    #expect(directory.names == ["a.jsonl"])
  }

  @Test func faultsNameLineAndPlace() {
    func fault(_ text: String, _ file: String) {
      expectFault(text, in: "memory") { try JSONLines.read(file: Array(file.utf8), as: Caption.self, path: "memory") }
    }
    fault("line 3: words.1: is no String", "{\"index\":1,\"words\":[]}\n\n{\"index\":1,\"words\":[\"a\",2]}\n")
    fault("line 1: words: is missing", "{\"index\":1}\n")
    fault("line 1: ", "{\"index\":1\n")
  }

  @Test func damageNeverTraps() throws {
    let seed = Array("{\"index\":1,\"words\":[\"a\",\"\\u00e9\"]}\n{\"index\":2,\"score\":0.5,\"words\":[]}\n".utf8)
    try fuzz("JSON lines", seed, memoryFactor: 64) {
      _ = try JSONLines.read(file: $0, as: Caption.self, path: "memory")
    }
    try fuzz("a table of JSON lines", Array("{\"a\":1,\"b\":\"x\"}\n{\"b\":null,\"c\":2.5e3}\n".utf8), memoryFactor: 64)
    {
      _ = try Table(jsonLines: $0, path: "memory")
    }
  }

  @Test func tables() throws {
    let text = """
      {"a": 1, "b": "x", "c": 1.5, "e": true}
      {"b": "x", "a": 2, "d": null, "e": false, "c": null}
      {"a": 3, "b": "y", "c": 7, "e": true}
      {"a": 4, "b": null, "e": true}

      """
    let table = try Table(jsonLines: Array(text.utf8), path: "memory")
    #expect(table.names == ["a", "b", "c", "e", "d"])
    #expect(table["a"] == Table.Column("a", integers: [1, 2, 3, 4]))
    #expect(try table["b"] == Table.Column("b", categories: ["x", "x", "y", nil]))
    #expect(table["c"] == Table.Column("c", numbers: [1.5, .nan, 7, .nan]))
    #expect(table["d"]?.missingCount == 4)
    #expect(table["e"]?.texts == ["true", "false", "true", "true"])
    try table.write(jsonLines: directory.at("t.jsonl"))
    #expect(try Table.read(jsonLines: directory.at("t.jsonl")) == table)
    func fault(_ text: String, _ file: String) {
      expectFault(text, in: "memory") { try Table(jsonLines: Array(file.utf8), path: "memory") }
    }
    fault("line 2: a is neither a number, as before, nor null", "{\"a\":1}\n{\"a\":\"x\"}\n")
    fault("line 1: a is neither", "{\"a\":[1]}\n")
    fault("line 1: is no object", "[1]\n")
    fault("line 2: the name a appears twice, at byte", "{}\n{\"a\":1,\"a\":2}\n")
    // Each line has another name.
    fault("has 256 names on 257 lines", (0..<2000).map { "{\"\($0)\":1}\n" }.joined())
    let large = "{\"a\":9007199254740993}\n{\"a\":null}\n{\"a\":5}\n"
    let texts = try Table(jsonLines: Array(large.utf8), path: "memory")["a"]?.texts
    #expect(texts == ["9007199254740993", nil, "5"])
    // Beyond 64 bits, too; among numbers with fractions, digits are lost as theirs are.
    let larger = "{\"a\":-9223372036854775809,\"b\":1e300}\n{\"a\":7,\"b\":100000000000000000000}\n"
    let lossless = try Table(jsonLines: Array(larger.utf8), path: "larger")
    #expect(lossless["a"]?.texts == ["-9223372036854775809", "7"])
    #expect(lossless["b"] == Table.Column("b", numbers: [1e300, 1e20]))
    fault("holds no rows", "\n")
    let infinite = try Table([Table.Column("a", numbers: [.infinity])])
    expectFault("row 0 of the column a is infinite") { try infinite.write(jsonLines: directory.at("i.jsonl")) }
  }
}
