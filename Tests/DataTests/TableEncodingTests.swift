import DescentData
import DescentFiles
import DescentTensors
import Foundation
import Testing

@Suite struct TableEncodingTests {
  func training() throws -> Table {
    try Table([
      Table.Column("mass", numbers: [1, 2, .nan, 6]), Table.Column("age", integers: [3, 5, 5, 7]),
      try Table.Column("island", categories: ["b", "a", nil, "b"]),
    ])
  }

  /// Means, medians, deviations and scales as scikit-learn 1.x has them: `StandardScaler().fit([[1], [2], [6]])` gives
  /// mean_ 3 and scale_ 2.160246899469287.
  @Test func fittedOnTrainingData() throws {
    let encoding = try TableEncoding(fitting: training(), .standardized(), .oneHot())
    #expect(encoding.inputs == ["mass", "age", "island"])
    #expect(encoding.names == ["mass", "age", "island=a", "island=b"])
    let mass = try #require(encoding.scale(of: "mass"))
    #expect(mass.shift == 3 && abs(mass.divisor - 2.160246899469287) < 1e-15)
    #expect(encoding.scale(of: "island=a") == nil)
    let test = try Table([
      Table.Column("island", texts: [nil, "a"]), Table.Column("mass", integers: [3, 6]),
      Table.Column("age", numbers: [5, 9]), Table.Column("more", integers: [1, 2]),
    ])
    let found = try encoding.tensor(of: test, .float64)
    let ages = 2.0.squareRoot()
    let expected = [0, 0, 0, 0, 3 / 2.160246899469287, 4 / ages, 1, 0]
    #expect(found.shape == [2, 4])
    #expect(zip(try found.scalars(), expected).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func imputing() throws {
    func imputed(_ step: TableStep) throws -> Table { try TableEncoding(fitting: training(), step)(training()) }
    #expect(try imputed(.imputed())["mass"]?.numbers == [1, 2, 3, 6])
    #expect(try imputed(.imputed())["island"]?.texts == ["b", "a", "b", "b"])
    #expect(try imputed(.imputed(.median))["mass"]?.numbers == [1, 2, 2, 6])
    #expect(try imputed(.imputed(.mostFrequent))["mass"]?.numbers == [1, 2, 1, 6])
    #expect(try imputed(.imputed(.number(-1)))["mass"]?.numbers == [1, 2, -1, 6])
    #expect(try imputed(.imputed(.number(-1)))["island"]?.missingCount == 1)
    #expect(try imputed(.imputed(.text("none")))["island"]?.categoryNames == ["a", "b", "none"])
    let marked = try imputed(.imputed(marking: true))
    #expect(marked.names == ["mass", "age", "island", "mass is missing", "island is missing"])
    #expect(marked["mass is missing"] == Table.Column("mass is missing", integers: [0, 0, 1, 0]))
  }

  @Test func scalesAndPlaces() throws {
    let encoding = try TableEncoding(fitting: training(), .scaled(columns: ["age"]), .indexed())
    let found = try encoding(training())
    #expect(found["age"]?.numbers == [0, 0.5, 0.5, 1])
    #expect(found["island"] == Table.Column("island", integers: [1, 0, 2, 1]))
    let constant = try Table([Table.Column("a", numbers: [4, 4])])
    #expect(try TableEncoding(fitting: constant, .standardized())(constant)["a"]?.numbers == [0, 0])
    let rounded = try Table([Table.Column("a", numbers: [0.1, 0.1, 0.1])])
    let fitted = try TableEncoding(fitting: rounded, .standardized())
    #expect(try fitted(Table([Table.Column("a", numbers: [0.1, 1.1])]))["a"]?.numbers == [0, 1])
    // Numbers are categories where one asks for it; that one is missing elsewhere changes nothing.
    let classes = try Table([Table.Column("c", integers: [2, 10, 2])])
    let oneHot = try TableEncoding(fitting: classes, .oneHot(columns: ["c"]))
    #expect(oneHot.names == ["c=2", "c=10"])
    let other = try Table([Table.Column("c", numbers: [10, .nan])])
    #expect(try oneHot.tensor(of: other).scalars() == [0, 1, 0, 0])
  }

  @Test func mistakes() throws {
    let encoding = try TableEncoding(fitting: training(), .standardized(), .oneHot())
    expectMistake("there is no column age among mass") { try encoding(try training().removing(columns: ["age"])) }
    let unseen = try training().adding(try Table.Column("island", categories: ["b", "z", "a", "a"]))
    expectMistake("row 1 of the column island is z, none of a, b in the training data") { try encoding(unseen) }
    let lenient = try TableEncoding(fitting: training(), .oneHot(ignoringUnseen: true))
    #expect(try lenient(unseen)["island=a"]?.numbers == [0, 0, 1, 1])
    expectMistake("holds texts, and numbers in the training data") {
      try encoding(try training().adding(Table.Column("mass", texts: ["x", nil, nil, nil])))
    }
    expectMistake("the value in row 2 of the column mass is missing") { try encoding.tensor(of: training()) }
    expectMistake("the column island holds categories, not numbers") {
      try TableEncoding(fitting: training(), .standardized(columns: ["island"]))
    }
    let empty = try Table([Table.Column("a", numbers: [.nan, .nan])])
    expectMistake("has no values to fit to") { try TableEncoding(fitting: empty, .imputed()) }
  }

  @Test func files() throws {
    let directory = try TemporaryDirectory()
    let encoding = try TableEncoding(fitting: training(), .imputed(marking: true), .standardized(), .oneHot())
    try encoding.write(to: directory.at("e.json"))
    let read = try TableEncoding.read(directory.at("e.json"))
    #expect(read == encoding)
    #expect(try read.tensor(of: training()).scalars() == encoding.tensor(of: training()).scalars())
    let path = try directory.file("bad.json", Array("{\"inputs\":[]}".utf8))
    expectFault("holds no encoding of a table: ", in: path) { try TableEncoding.read(path) }
  }
}
