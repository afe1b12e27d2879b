import Descent
import DescentFiles

/// A file of columns of numbers: CSV or one of its relatives, or words with spaces between them, with comment lines that
/// begin with # or %.
struct DataFile {
  let path: String
  let table: Table

  /// Reads a file; `-` is the standard input.
  ///
  /// - Throws: `FileError` where it cannot be read or a row has too few or too many fields.
  init(_ path: String) throws {
    self.path = path == "-" ? "standard input" : path
    let bytes = path == "-" ? try FileContents.standardInput() : try FileContents.read(path)
    let lines = String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard let first = lines.first(where: { !Self.isComment($0) }) else { throw FileError(self.path, "holds no rows") }
    let layout = Layout(first, isWithComma: lines.contains { !Self.isComment($0) && $0.contains(",") })
    // The lines keep their numbers, by which errors tell of them.
    let text = lines.map { Self.isComment($0) ? "#" : layout.row($0) }.joined(separator: "\n")
    var format = CSVFormat(
      separator: layout.separator, decimalPoint: layout.decimalPoint, comment: "#", hasHeader: layout.isHeader(first))
    // Texts in columns that nobody asks for are not in the way.
    format.kinds = [:]
    let table = try Table(csv: Array(text.utf8), format: format, path: self.path)
    let names = format.hasHeader ? nil : Self.titles(lines, layout, count: table.columns.count)
    self.table =
      try names.map { names in
        try Table(
          zip(table.columns, names).map { column, name in
            var column = column
            column.name = name
            return column
          })
      } ?? table
  }

  /// The numbers of a column, which is asked for by its name or its place, counted from 1.
  ///
  /// - Throws: `ExplainError` where the column does not exist; `FileError` where it holds no numbers, or one is missing.
  func numbers(_ name: String) throws -> [Double] {
    guard let column = column(name) else {
      let hint = nearestName(to: name, among: table.names).map { "did you mean '\($0)'?" }
      throw ExplainError(
        "\(path) has no column '\(name)'; " + (hint ?? "it has \(table.names.joined(separator: ", "))"))
    }
    guard let numbers = column.numbers else {
      let texts = column.texts
      let row = texts.firstIndex { $0.map { Double($0) == nil } ?? false } ?? 0
      throw FileError(
        path, "the column \(column.name) holds '\(texts[row] ?? "")' in row \(row + 1), which is not a number")
    }
    if let row = numbers.firstIndex(where: { !$0.isFinite }) {
      let what = numbers[row].isNaN ? "no number" : "an infinite number"
      throw FileError(path, "the column \(column.name) has \(what) in row \(row + 1)")
    }
    return numbers
  }

  /// A column by its name or its place.
  func column(_ name: String) -> Table.Column? {
    if let named = table[name] { return named }
    guard let place = Int(name), table.columns.indices.contains(place - 1) else { return nil }
    return table.columns[place - 1]
  }

  private static func isComment(_ line: Substring) -> Bool {
    guard let first = line.first(where: { !$0.isWhitespace }) else { return true }
    return first == "#" || first == "%"
  }

  /// The names that the last comment before the first row gives the columns, where it has a name for each.
  private static func titles(_ lines: [Substring], _ layout: Layout, count: Int) -> [String]? {
    let before = lines.prefix { isComment($0) }
    guard let comment = before.last(where: { $0.contains { !$0.isWhitespace } }) else { return nil }
    let words = layout.fields(comment.drop { $0.isWhitespace || $0 == "#" || $0 == "%" })
    guard words.count == count, Set(words).count == count, words.allSatisfy({ Double($0) == nil && !$0.isEmpty })
    else { return nil }
    return words
  }
}

/// What stands between the fields of a row.
private struct Layout {
  /// What stands there once the row is written anew.
  let separator: String
  let decimalPoint: String
  private let isSpaced: Bool

  /// Finds it out from the first row, and from whether there are commas in any.
  init(_ row: Substring, isWithComma: Bool) {
    let found = [",", ";", "\t"].filter { row.contains($0) }
    // Where numbers have a decimal comma, fields are kept apart by a semicolon.
    separator = found.contains(";") ? ";" : found.first ?? "\t"
    decimalPoint = separator == ";" && isWithComma ? "," : "."
    isSpaced = found.isEmpty
  }

  /// A row with its separators.
  func row(_ line: Substring) -> String {
    guard isSpaced else { return String(line) }
    return line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).joined(separator: "\t")
  }

  func fields(_ line: Substring) -> [String] {
    let parts: [Substring] =
      isSpaced
      ? line.split(whereSeparator: \.isWhitespace)
      : line.split(separator: Character(separator), omittingEmptySubsequences: false)
    return parts.map { part in
      let field = NamedValues.trimmed(part)
      return field.count >= 2 && field.hasPrefix("\"") && field.hasSuffix("\"")
        ? String(field.dropFirst().dropLast()) : field
    }
  }

  /// Whether a row holds names instead of numbers.
  func isHeader(_ line: Substring) -> Bool {
    fields(line).contains { field in
      let number = decimalPoint == "," ? field.replacing(",", with: ".") : field
      return Double(number) == nil && !CSVFormat.missingWords.contains(field)
    }
  }
}
