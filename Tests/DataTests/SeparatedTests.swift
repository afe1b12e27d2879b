import DescentData
import DescentFiles
import DescentTensors
import Foundation
import Testing

@Suite struct CSVReadingTests {
  func table(_ text: String, _ format: CSVFormat = .csv) throws -> Table {
    try Table(csv: Array(text.utf8), format: format, path: "memory")
  }

  @Test func kindsFollowFromValues() throws {
    let text = """
      id,height,island,name,gone
      1,1.5,Biscoe,Ann,
      2,,Dream,Bob,NA
      3,-2e3,Biscoe,"O""Hara, Carl",null
      4,.5,Dream,,

      """
    let table = try table(text)
    #expect(table.rowCount == 4)
    #expect(table.columns.map(\.kind) == [.integers, .numbers, .categories, .texts, .numbers])
    #expect(table["id"] == Table.Column("id", integers: [1, 2, 3, 4]))
    #expect(table["height"] == Table.Column("height", numbers: [1.5, .nan, -2000, 0.5]))
    #expect(table["island"]?.categoryNames == ["Biscoe", "Dream"])
    #expect(table["island"]?.texts == ["Biscoe", "Dream", "Biscoe", "Dream"])
    #expect(table["name"]?.texts == ["Ann", "Bob", "O\"Hara, Carl", nil])
    #expect(table["gone"]?.missingCount == 4)
    #expect(table.columns.map(\.missingCount) == [0, 1, 0, 1, 4])
    #expect(table.description.hasPrefix("4 rows, 5 columns\n  id: integers\n  height: numbers, 1 missing"))
  }

  @Test func aColumnThatTurnsOutOtherwiseIsReadAgain() throws {
    let rows = (0..<100).map { "\($0),\($0),\($0 == 0 ? "" : "x\($0)")" } + ["0.5,?,y"]
    let table = try table("a,b,c\n" + rows.joined(separator: "\n"))
    #expect(table.columns.map(\.kind) == [.numbers, .texts, .texts])
    #expect(table["a"]?.numbers?[99] == 99 && table["a"]?.numbers?[100] == 0.5)
    #expect(table["b"]?.texts[99] == "99" && table["b"]?.texts[100] == "?")
    #expect(table["c"]?.texts.first == .some(nil))
  }

  /// What looks like a missing number until a text follows is a text of its own.
  @Test func textsAreNoMissingNumbers() throws {
    #expect(try table("name\nNan\nBob\n")["name"]?.texts == ["Nan", "Bob"])
    #expect(try table("name\nNaN\nBob\n")["name"]?.texts == [nil, "Bob"])
    #expect(try table("name\n\"\"\na\n")["name"]?.texts == ["", "a"])
    #expect(try table("n\n-9223372036854775808\n1\n")["n"] == Table.Column("n", integers: [.min, 1]))
    #expect(try table("n\n-9223372036854775809\n")["n"]?.kind == .texts)
  }

  @Test func numbersAreQuotedWhereTheyWouldBeMissing() throws {
    var format = CSVFormat.csv
    format.missing.insert("-1")
    format.comment = "2"
    let numbers = try Table([Table.Column("a", integers: [-1, 2, 3]), Table.Column("b", numbers: [0.5, .nan, -1.5])])
    #expect(try Table(csv: numbers.encodedCSV(format: format), format: format, path: "memory") == numbers)
    for separator in ["1", "e", "-", "N"] {
      var wrong = CSVFormat.csv
      wrong.separator = separator
      #expect(throws: TensorError.self) { try numbers.encodedCSV(format: wrong) }
    }
  }

  @Test func largeWholeNumbersLoseNoDigit() throws {
    let table = try table(
      "a,b,c\n9007199254740993,9007199254740993,1e300\n-9223372036854775807,,100000000000000000000\n")
    #expect(table["a"] == Table.Column("a", integers: [9_007_199_254_740_993, -.max]))
    #expect(table["b"]?.texts == ["9007199254740993", nil])
    #expect(table["c"] == Table.Column("c", numbers: [1e300, 1e20]))
  }

  @Test func kindsAsGiven() throws {
    let format = CSVFormat(kinds: ["a": .numbers, "b": .categories, "c": .texts], columns: ["c", "a", "b"])
    let table = try table("a,b,skipped,c\n1,7,not read \u{00e9},08\n2,9,,007\n", format)
    #expect(table.names == ["c", "a", "b"])
    #expect(table["c"]?.texts == ["08", "007"])
    #expect(table["a"] == Table.Column("a", numbers: [1, 2]))
    #expect(table["b"]?.categoryNames == ["7", "9"])
    expectMistake("there is no column d in memory: it has a, b") {
      try self.table("a,b\n", CSVFormat(kinds: ["d": .texts]))
    }
    expectFault("line 3, column 1 (a): not a whole number", in: "memory") {
      try self.table("a\n1\n1.5", CSVFormat(kinds: ["a": .integers]))
    }
    expectFault("line 3, column 2 (b): a value is missing; integers have none") {
      try self.table("a,b\n1,2\n1,", CSVFormat(kinds: ["b": .integers]))
    }
    expectFault("line 2, column 1 (a): not a number") { try self.table("a\nx\n", CSVFormat(kinds: ["a": .numbers])) }
  }

  @Test func separatorsQuotesCommentsAndLineEnds() throws {
    #expect(try table("a\tb\r\n1\tx y\r\n", .tsv)["b"]?.texts == ["x y"])
    let german = CSVFormat(separator: ";", decimalPoint: ",", comment: "#")
    let read = try table("# made by hand\na;b\n\n1,5;\"#2\"\n#3;4\n", german)
    #expect(read["a"] == Table.Column("a", numbers: [1.5]) && read["b"]?.texts == ["#2"])
    let lines = try table("a,b\n\"x\ny\",\"\"\"\"\n\"\",NA\n\"NA\",\"2\"\n")
    #expect(lines["a"]?.texts == ["x\ny", "", "NA"])
    #expect(lines["b"]?.texts == ["\"", nil, "2"])
    #expect(try table("a\n\" 12 \"\n\"\"\n 7\n")["a"] == Table.Column("a", numbers: [12, .nan, 7]))
    #expect(try table("1,2\n3,4", CSVFormat(hasHeader: false)).names == ["column 1", "column 2"])
    #expect(try table("\u{FEFF}a\n1\n")["a"] != nil)
    #expect(try table("a\n-999\n1\n", CSVFormat(missing: ["-999"]))["a"] == Table.Column("a", numbers: [.nan, 1]))
    #expect(try table("a,b\n").rowCount == 0)
    #expect(try table("it's,b\n'x',1\n", CSVFormat(quote: nil)).names == ["it's", "b"])
  }

  @Test func numbersAreRoundedCorrectly() throws {
    let texts = [
      "0.1", "1e23", "9007199254740993.0", "123456789012345678901234567890", "2.2250738585072014e-308", "5e-324", "-0",
      "1.7976931348623157e308", "1e400", "-1e-400", "0.30000000000000004", "3.", "+7.25", "inf", "-Infinity", "1E5",
      "2.50000000000000000000000000000000000000000000000001", "0.000000000000000000000000000000123456789",
      "17976931348623158e292", String(repeating: "9", count: 900) + "e-900",
      "1" + String(repeating: "0", count: 900) + "e-900",
    ]
    let table = try table("a\n0.5\n" + texts.joined(separator: "\n"), CSVFormat(kinds: ["a": .numbers]))
    for (text, value) in zip(texts, table["a"]?.numbers?.dropFirst() ?? []) {
      #expect(value.bitPattern == Double(text)?.bitPattern, "\(text)")
    }
    for text in ["1e", "0x10", ".", "-", "e5", "1.2.3", "1 2", "--1", "infinit", "1e+", "+"] {
      expectFault("line 2, column 1 (a): not a number") {
        try self.table("a\n\(text)", CSVFormat(kinds: ["a": .numbers]))
      }
    }
  }

  @Test func faultsNameLineAndColumn() throws {
    expectFault("line 3 ends after 1 of 2 fields", in: "memory") { try table("a,b\n1,2\n3\n") }
    expectFault("line 2 goes on after the 2 fields") { try table("a,b\n1,2,3\n") }
    expectFault("line 3, column 2 (b): a quote is opened and never closed") { try table("a,b\n1,2\n3,\"4\n5,6\n") }
    expectFault("line 5, column 2 (b): something follows the quote") { try table("a,b\n\"1\n\n2\",2\n3,\"4\"5\n") }
    expectFault("line 2, column 1 (a): a carriage return without") { try table("a\n1\r2\n") }
    expectFault("line 2, column 1 (a): a zero byte") { try table("a\n1\0\n") }
    expectFault("is text in UTF-16") { try Table(csv: [0xFF, 0xFE, 0x61, 0], path: "memory") }
    expectFault("the column a holds text that is not valid UTF-8") {
      try Table(csv: [0x61, 10, 0xC3, 10], path: "memory")
    }
    expectFault("the header's column 2 has the name a of another") { try table("a,a\n") }
    expectFault("the header's column 2 has no name") { try table("a,\n") }
    expectFault("holds no rows") { try table("\n\n") }
    expectMistake("the separator \"::\" is not one ASCII character") { try table("a\n", CSVFormat(separator: "::")) }
    expectMistake("are the same character") { try table("a\n", CSVFormat(separator: ".")) }
  }

  @Test(hasZlib) func compressedFiles() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("t.csv.gz", gzipStored(Array("a\n1\n2\n".utf8)))
    #expect(try Table.read(csv: path)["a"] == Table.Column("a", integers: [1, 2]))
    expectFault("the limit is 3") { try Table.read(csv: directory.file("t.csv", Array("a\n1\n".utf8)), limit: 3) }
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let table = try Table([
      Table.Column("whole, number", integers: [1, -2, .max]),
      Table.Column("b", numbers: [0.1, .nan, 1e-300]),
      Table.Column("c", texts: ["", nil, "x\"\r\n,"]),
      Table.Column("d", texts: ["NA", "plain", " 1"]),
    ])
    let directory = try TemporaryDirectory()
    let given = CSVFormat(kinds: ["c": .texts, "d": .texts])
    for (name, separator) in [("t.csv", ","), ("t.tsv", "\t"), ("t.txt", ";")] {
      var format = given
      format.separator = separator
      try table.write(csv: directory.at(name), format: format)
      #expect(try Table.read(csv: directory.at(name), format: format) == table)
    }
    #expect(
      try String(decoding: table.encodedCSV(), as: UTF8.self).hasPrefix("\"whole, number\",b,c,d\n1,0.1,\"\",\"NA\"\n"))
    let lone = try Table([Table.Column("b", numbers: [.nan, 2])])
    #expect(try Table(csv: lone.encodedCSV(), path: "memory") == lone)
    expectMistake("is no word for a missing value") { try lone.encodedCSV(format: CSVFormat(missing: ["?"])) }
    expectMistake("needs quotes, and the format has none") { try table.encodedCSV(format: CSVFormat(quote: nil)) }
  }

  @Test func damageNeverTraps() throws {
    let seed = Array("id,b,\"c\"\n1,0.5,x\n2,NA,\"y\"\"z\"\r\n3,1e9,x\n".utf8)
    try fuzz("CSV", seed, memoryFactor: 32) { _ = try Table(csv: $0, path: "memory") }
    try fuzz("CSV without a header", seed) {
      let table = try Table(csv: $0, format: CSVFormat(comment: "#", hasHeader: false), path: "memory")
      _ = try table.encodedCSV()
    }
  }
}

@Suite struct TableTests {
  func penguins() throws -> Table {
    try Table([
      Table.Column("mass", numbers: [1, .nan, 3]), Table.Column("id", integers: [5, 6, 7]),
      try Table.Column("sex", categories: ["m", "f", nil]), Table.Column("note", texts: ["a", nil, "c"]),
    ])
  }

  @Test func choosing() throws {
    let table = try penguins()
    #expect(try table.selecting(rows: [2, 0, 2])["id"] == Table.Column("id", integers: [7, 5, 7]))
    #expect(try table.selecting { !$0.isMissing("mass") }.rowCount == 2)
    #expect(try table.selecting { $0.text("sex") == "f" && $0.number("id") == 6 }.rowCount == 1)
    #expect(try table.selecting(columns: ["note", "id"]).names == ["note", "id"])
    #expect(try table.removing(columns: ["note", "id"]).names == ["mass", "sex"])
    #expect(try table.adding(Table.Column("id", integers: [1, 2, 3]))["id"]?.numbers == [1, 2, 3])
    #expect(table.rows.map { $0.text("note") } == ["a", nil, "c"])
    #expect(table.rows.map { $0.number("mass") } == [1, nil, 3])
    expectMistake("there is no column height among mass, id, sex, note") { try table.selecting(columns: ["height"]) }
    expectMistake("there is no row 3 among 3") { try table.selecting(rows: [3]) }
    expectMistake("two columns have the name a") {
      try Table([Table.Column("a", integers: [1]), Table.Column("a", integers: [1])])
    }
    expectMistake("the column a has 1 rows, the column b 2") {
      try Table([Table.Column("a", integers: [1]), Table.Column("b", integers: [1, 2])])
    }
  }

  @Test func appending() throws {
    let table = try penguins()
    #expect(try table.appending(table).selecting(rows: [3, 4, 5]) == table)
    let other = try table.adding(try Table.Column("sex", categories: ["x", "f", "x"]))
    #expect(try table.appending(other)["sex"]?.categoryNames == ["f", "m", "x"])
    expectMistake("columns differ") { try table.appending(try table.selecting(columns: ["id"])) }
    expectMistake("the column sex holds categories in one table and integers in the other") {
      try table.appending(try table.adding(Table.Column("sex", integers: [1, 2, 3])))
    }
  }

  @Test func coding() throws {
    let table = try penguins()
    let data = try JSONEncoder().encode(table)
    #expect(try JSONDecoder().decode(Table.self, from: data) == table)
    let wrong = String(decoding: data, as: UTF8.self).replacingOccurrences(of: "[1,0,-1]", with: "[1,2,-1]")
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Table.self, from: Data(wrong.utf8)) }
  }

  @Test func tensors() throws {
    let table = try penguins().selecting(rows: [0, 0])
    let numbers = try table.tensor(of: ["id", "mass"])
    #expect(numbers.shape == [2, 2] && numbers.elementType == .float32)
    #expect(try numbers.scalars() == [5, 1, 5, 1])
    #expect(try table.integers(of: "sex").scalars() == [1, 1])
    #expect(try table.integers(of: "id", .int64).elementType == .int64)
    expectMistake("the value in row 1 of the column mass is missing") { try penguins().tensor(of: ["mass"]) }
    expectMistake("the column sex holds categories, not numbers") { try table.tensor(of: ["sex"]) }
    expectMistake("the value in row 2 of the column sex is missing") { try penguins().integers(of: "sex") }
  }

  @Test func categories() throws {
    let column = Table.Column("class", integers: [10, 9, 10])
    #expect(try column.categorized().categoryNames == ["9", "10"])
    #expect(
      try column.categorized(names: ["10", "9", "8"]).values == .categories([0, 1, 0], names: ["10", "9", "8"]))
    expectMistake("row 1 of the column class is 9, none of 10") { try column.categorized(names: ["10"]) }
    expectMistake("has the category a twice") { try Table.Column("c", categories: ["a"], names: ["a", "a"]) }
  }

  @Test(.enabled(if: SharedData.has("tabular"), SharedData.hint)) func realTables() throws {
    let penguins = try Table.read(csv: SharedData.path("tabular/penguins.csv"))
    #expect(penguins.rowCount == 344)
    #expect(penguins["species"]?.categoryNames == ["Adelie", "Chinstrap", "Gentoo"])
    #expect(penguins["sex"]?.missingCount == 11)
    #expect(penguins["bill_length_mm"]?.missingCount == 2)
    let wine = try Table.read(csv: SharedData.path("tabular/wine.csv"))
    #expect(wine.rowCount == 178 && wine["nonflavanoid_phenols"]?.numbers?.first == 0.28)
  }
}
