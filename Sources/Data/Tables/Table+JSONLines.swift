import DescentFiles
import DescentTensors

extension Table {
  /// Reads a file with a JSON object on each line, plain or gzip: its names are the columns, its values numbers, texts,
  /// booleans or null, which is a missing value, as is a name that a line lacks.
  ///
  /// Columns come in the order in which their names do first. Their kinds follow from the values as in ``CSVFormat``;
  /// booleans are texts, and whole numbers beyond 64 bits keep their digits as texts.
  ///
  /// - Parameters:
  ///   - path: The file, in UTF-8.
  ///   - limit: The most bytes it may hold once decompressed.
  /// - Throws: `FileError` where the file cannot be read, a line is not an object, a value is a list or an object, or a name holds
  ///   numbers on one line and texts on another; it names the line.
  public static func read(jsonLines path: String, limit: Int = 1 << 30) throws -> Table {
    try Table(jsonLines: FileContents.read(path, limit: limit), path: path)
  }

  /// Reads the bytes of a file with a JSON object on each line.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - path: The name that errors give it.
  /// - Throws: `FileError`.
  public init(jsonLines file: [UInt8], path: String) throws {
    var builders: [ColumnBuilder] = []
    var places: [String: Int] = [:]
    var rowCount = 0
    // Lines with few of many names would take far more memory than the file.
    func check(_ rows: Int) throws {
      let (cells, overflow) = rows.multipliedReportingOverflow(by: builders.count)
      guard !overflow, cells <= max(1 << 16, file.count) else {
        throw FileError(
          path, "has \(builders.count.grouped) names on \(rows.grouped) lines, of which most are missing")
      }
    }
    for line in ByteLines(file: file) where !line.isBlank {
      func fault(_ text: String) -> FileError { FileError(path, "line \(line.number): \(text)") }
      let value: JSONValue
      do throws(JSONFault) {
        value = try JSONValue(parsing: line.bytes)
      } catch { throw fault("\(error.text), at byte \(error.place + 1)") }
      guard case .object(let fields) = value else { throw fault("is no object with names") }
      try check(rowCount + 1)
      for (name, value) in fields {
        let place = places[name] ?? builders.count
        if place == builders.count {
          places[name] = place
          builders.append(ColumnBuilder(name: name))
          try check(rowCount + 1)
        }
        // Each value takes two bytes at least, so that gaps are filled where a value follows, and at the end only once.
        guard builders[place].append(value, at: rowCount) else {
          throw fault("\(name) is neither a \(builders[place].texts.isEmpty ? "number" : "text"), as before, nor null")
        }
      }
      rowCount += 1
    }
    guard rowCount > 0 else { throw FileError(path, "holds no rows") }
    try self.init(builders.map { $0.column(rowCount) })
  }

  /// Writes the rows as JSON objects, one a line, in one step; a missing value is null.
  ///
  /// - Throws: `FileError` where a number is infinite, or the file cannot be written, an earlier one being left as it was.
  public func write(jsonLines path: String) throws {
    let names = names.map(JSONValue.quoted)
    var bytes: [UInt8] = []
    for row in 0..<rowCount {
      bytes.append(0x7B)
      for (place, column) in columns.enumerated() {
        if place > 0 { bytes.append(0x2C) }
        bytes += names[place].utf8
        bytes.append(0x3A)
        guard let text = Self.json(column.values, row) else {
          throw FileError(
            path, "the number in row \(row) of the column \(column.name) is infinite, which JSON cannot write")
        }
        bytes += text.utf8
      }
      bytes += [0x7D, 0x0A]
    }
    try FileContents.write(bytes, to: path)
  }

  private static func json(_ values: Column.Values, _ row: Int) -> String? {
    switch values {
    case .integers(let values): "\(values[row])"
    case .numbers(let values): values[row].isNaN ? "null" : values[row].isFinite ? "\(values[row])" : nil
    case .categories(let codes, let names): codes[row] < 0 ? "null" : JSONValue.quoted(names[Int(codes[row])])
    case .texts(let values): values[row].map(JSONValue.quoted) ?? "null"
    }
  }
}

/// A column of which values come row by row, some of them missing.
private struct ColumnBuilder {
  let name: String
  var numbers: [Double] = []
  var integers: [Int] = []
  /// Whole numbers that are not exact as doubles, by their rows.
  private var large: [Int: String] = [:]
  private var hasFraction = false
  var texts: [String?] = []
  /// The rows so far, those that are missing included.
  private var count = 0

  init(name: String) { self.name = name }

  /// Takes the value of a row; false where it is of another kind than those before.
  mutating func append(_ value: JSONValue, at row: Int) -> Bool {
    switch value {
    case .null: return true
    case .integer(let value):
      if value.magnitude > 1 << 53 { large[row] = "\(value)" }
      return append(number: Double(value), whole: value, at: row)
    case .large(let digits):
      guard let value = Double(digits) else { return false }
      large[row] = digits
      return append(number: value, whole: nil, at: row)
    case .real(let value):
      hasFraction = true
      return append(number: value, whole: nil, at: row)
    case .boolean(let value): return append(text: value ? "true" : "false", at: row)
    case .string(let value): return append(text: value, at: row)
    case .list, .object: return false
    }
  }

  private mutating func append(number: Double, whole: Int?, at row: Int) -> Bool {
    guard texts.isEmpty else { return false }
    numbers += repeatElement(.nan, count: row - count)
    numbers.append(number)
    // Whole numbers are kept as such until one is missing or is none.
    if let whole, integers.count == row { integers.append(whole) }
    count = row + 1
    return true
  }

  private mutating func append(text: String, at row: Int) -> Bool {
    guard numbers.isEmpty else { return false }
    texts += repeatElement(nil, count: row - count)
    texts.append(text)
    count = row + 1
    return true
  }

  func column(_ rowCount: Int) -> Table.Column {
    if !texts.isEmpty {
      let texts = texts + repeatElement(nil, count: rowCount - count)
      return Table.Column.inferred(name, texts: texts)
    }
    if integers.count == rowCount { return Table.Column(name, integers: integers) }
    // As in other files: large whole numbers of which some are missing keep their digits as texts.
    if !large.isEmpty, !hasFraction {
      let texts = numbers.enumerated().map { row, value -> String? in
        value.isNaN ? nil : large[row] ?? "\(Int(value))"
      }
      return Table.Column.inferred(name, texts: texts + repeatElement(nil, count: rowCount - count))
    }
    return Table.Column(name, numbers: numbers + repeatElement(.nan, count: rowCount - count))
  }
}

extension Table.Column {
  /// The most categories that are taken for such without being told.
  static let inferredCategoryLimit = 256

  /// A column of categories where texts come at least twice each on the average, and of texts elsewhere.
  static func inferred(_ name: String, texts: [String?]) -> Table.Column {
    let names = Set(texts.compactMap { $0 })
    guard names.count <= inferredCategoryLimit, names.count * 2 <= texts.count else {
      return Table.Column(name, texts: texts)
    }
    let sorted = names.sorted()
    let codes = Dictionary(uniqueKeysWithValues: zip(sorted, Int32(0)...))
    return Table.Column(name, .categories(texts.map { $0.flatMap { codes[$0] } ?? -1 }, names: sorted))
  }
}
