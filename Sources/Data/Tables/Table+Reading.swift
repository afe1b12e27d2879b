import CFormats
import CNative
import DescentFiles
import DescentTensors

extension Table {
  /// Reads a file of rows with a separator between fields, plain or gzip.
  ///
  /// - Parameters:
  ///   - path: The file, in UTF-8.
  ///   - format: How the file writes a table; see ``CSVFormat``.
  ///   - limit: The most bytes the file may hold once decompressed.
  /// - Throws: `FileError` where the file cannot be read, a row has too few or too many fields, a quote is not closed, a
  ///   field is not what its column holds, or a text is not UTF-8; it names line and column. `TensorError` where the format
  ///   contradicts itself or asks for a column that is not there.
  /// - Complexity: O(bytes), twice where a column of numbers turns out to hold texts; memory of at most 32 times the file, and a kilobyte
  ///   for each column.
  public static func read(csv path: String, format: CSVFormat = .csv, limit: Int = 1 << 30) throws -> Table {
    try Table(csv: FileContents.read(path, limit: limit), format: format, path: path)
  }

  /// Reads the bytes of an (uncompressed) file of rows.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - format: How the file writes a table.
  ///   - path: The name that errors give it.
  /// - Throws: `FileError`, `TensorError`.
  public init(csv file: [UInt8], format: CSVFormat = .csv, path: String) throws {
    let reader = try SeparatedReader(file: file, format: format, path: path)
    try self.init(try reader.columns())
  }
}

/// Reads a table from the bytes of a file.
struct SeparatedReader {
  private let file: [UInt8]
  private let settings: CSVFormat
  private let format: CSVFormat.Checked
  private let path: String
  private let names: [String]
  /// Where the rows begin, and on which line.
  private let start: Int
  private let firstLine: Int

  init(file: [UInt8], format settings: CSVFormat, path: String) throws {
    self.file = file
    self.settings = settings
    self.path = path
    let format = try settings.checked()
    self.format = format
    if file.starts(with: [0xFF, 0xFE]) || file.starts(with: [0xFE, 0xFF]) {
      throw FileError(path, "is text in UTF-16; convert it to UTF-8")
    }
    // Some programs begin UTF-8 with a mark.
    let begin = file.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let count = format.withFormat { dn_separated_field_count(file, file.count, begin, $0) }
    guard count > 0 else { throw FileError(path, "holds no rows") }
    if settings.hasHeader {
      let header = SeparatedColumns(kinds: Array(repeating: nil, count: count), room: 1)
      for place in 0..<count { header.columns[place].kind = DN_COLUMN_TEXTS }
      var plain = settings
      plain.missing = []
      let result = try plain.checked().withFormat {
        dn_separated_read(file, file.count, begin, 1, $0, header.columns.baseAddress, count, 1)
      }
      guard result.status == DN_SEPARATED_OK else { throw FileError(path, Self.fault(of: result, count, name: nil)) }
      var seen: Set<String> = []
      names = try (0..<count).map { place in
        func fault(_ text: String) -> FileError { FileError(path, "the header's column \(place + 1) \(text)") }
        guard let name = try header.texts(place)?.first else { throw fault("is not valid UTF-8") }
        guard !name.isEmpty else { throw fault("has no name") }
        guard seen.insert(name).inserted else { throw fault("has the name \(name) of another") }
        return name
      }
      (start, firstLine) = (result.byte, result.line)
    } else {
      names = (1...count).map { "column \($0)" }
      (start, firstLine) = (begin, 1)
    }
    for name in settings.columns ?? [] where !names.contains(name) { throw absent(name) }
    for name in settings.kinds.keys.sorted() where !names.contains(name) { throw absent(name) }
  }

  private func absent(_ name: String) -> TensorError {
    TensorError("CSVFormat", "there is no column \(name) in \(path): it has \(Table.listed(names))")
  }

  /// A reader of the rows of a part of the file, whose header was read before.
  ///
  /// - Parameters:
  ///   - part: The bytes of some whole rows.
  ///   - line: The line of the file on which they begin.
  ///   - format: How the file writes a table, with the kinds of its columns.
  init(part: [UInt8], line: Int, after header: SeparatedReader, format settings: CSVFormat) throws {
    (file, self.settings, format, path) = (part, settings, try settings.checked(), header.path)
    (names, start, firstLine) = (header.names, 0, line)
  }

  /// Where the rows begin: the byte, and the line.
  var begin: (byte: Int, line: Int) { (start, firstLine) }

  /// The columns, in the order asked for.
  func columns() throws -> [Table.Column] {
    guard let rows = try rows(.max, isWhole: true) else { return [] }
    return rows.columns
  }

  /// Up to so many rows.
  struct Rows {
    let columns: [Table.Column]
    let count: Int
    /// Where they end: the byte, and the line.
    let end: (byte: Int, line: Int)
  }

  /// Up to so many rows.
  ///
  /// - Parameters:
  ///   - limit: The most rows.
  ///   - isWhole: Whether nothing follows.
  /// - Returns: `nil` where a quote is open at the end, and something may follow that closes it.
  func rows(_ limit: Int, isWhole: Bool) throws -> Rows? {
    // Each row has a separator or a line end for each column, so that no file asks for more rows than this.
    let room = min(dn_text_line_count(file, file.count), (file.count - start) / names.count + 1, limit)
    var kinds = names.map { name in
      settings.columns?.contains(name) == false ? DN_COLUMN_SKIPPED : settings.kinds[name].map(Self.native)
    }
    guard var read = try reading(kinds, room, isWhole) else { return nil }
    let wanted = names.indices.filter { kinds[$0] == nil && read.found.columns[$0].mustBeTexts }
    if !wanted.isEmpty {
      for place in wanted { kinds[place] = DN_COLUMN_TEXTS }
      guard let again = try reading(kinds, room, isWhole) else { return nil }
      read = again
    }
    var columns: [String: Table.Column] = [:]
    for (place, name) in names.enumerated() where kinds[place] != DN_COLUMN_SKIPPED {
      columns[name] = try column(place, read.found, read.result.row_count)
    }
    return Rows(
      columns: (settings.columns ?? names).compactMap { columns[$0] }, count: read.result.row_count,
      end: (read.result.byte, read.result.line))
  }

  private static func native(_ kind: Table.ColumnKind) -> dn_column_kind {
    switch kind {
    case .integers: DN_COLUMN_INTEGERS
    case .numbers: DN_COLUMN_NUMBERS
    case .categories, .texts: DN_COLUMN_TEXTS
    }
  }

  private func reading(
    _ kinds: [dn_column_kind?], _ room: Int, _ isWhole: Bool
  ) throws -> (found: SeparatedColumns, result: dn_separated_result)? {
    let found = SeparatedColumns(kinds: kinds, room: room)
    guard found.hasMemory else { throw FileError(path, "no memory left for \(room.grouped) rows") }
    let result = format.withFormat {
      dn_separated_read(
        file, file.count, start, firstLine, $0, found.columns.baseAddress, found.columns.count, room)
    }
    if result.status == DN_SEPARATED_OPEN_QUOTE, !isWhole { return nil }
    guard result.status == DN_SEPARATED_OK else {
      let name = names.indices.contains(result.column - 1) ? names[result.column - 1] : nil
      throw FileError(path, Self.fault(of: result, names.count, name: name))
    }
    return (found, result)
  }

  private func column(_ place: Int, _ found: SeparatedColumns, _ count: Int) throws -> Table.Column {
    let name = names[place]
    switch found.columns[place].kind {
    case DN_COLUMN_INTEGERS:
      return Table.Column(name, integers: found.values(place, count))
    case DN_COLUMN_NUMBERS:
      return Table.Column(name, numbers: found.values(place, count))
    default:
      guard let texts = try found.texts(place) else {
        throw FileError(path, "the column \(name) holds text that is not valid UTF-8")
      }
      let codes: [Int] = found.values(place, count)
      let kind = settings.kinds[name]
      guard
        kind == .categories
          || kind == nil && texts.count <= Table.Column.inferredCategoryLimit && texts.count * 2 <= count
      else {
        return Table.Column(name, texts: codes.map { $0 < 0 ? nil : texts[$0] })
      }
      let order = texts.indices.sorted { texts[$0] < texts[$1] }
      var ranks = [Int32](repeating: 0, count: texts.count)
      for (rank, code) in order.enumerated() { ranks[code] = Int32(clamping: rank) }
      let ranked = codes.map { $0 < 0 ? -1 : ranks[$0] }
      return Table.Column(name, .categories(ranked, names: order.map { texts[$0] }))
    }
  }

  private static func fault(of result: dn_separated_result, _ count: Int, name: String?) -> String {
    let place = "line \(result.line), column \(result.column)" + (name.map { " (\($0))" } ?? "")
    switch result.status {
    case DN_SEPARATED_TOO_FEW: return "line \(result.line) ends after \(result.column) of \(count) fields"
    case DN_SEPARATED_TOO_MANY: return "line \(result.line) goes on after the \(count) fields of a row"
    case DN_SEPARATED_OPEN_QUOTE: return "\(place): a quote is opened and never closed"
    case DN_SEPARATED_AFTER_QUOTE: return "\(place): something follows the quote that closes a field"
    case DN_SEPARATED_BARE_RETURN: return "\(place): a carriage return without a line feed"
    case DN_SEPARATED_ZERO_BYTE: return "\(place): a zero byte; the file is no text in UTF-8"
    case DN_SEPARATED_NOT_A_NUMBER: return "\(place): not a number"
    case DN_SEPARATED_NOT_WHOLE: return "\(place): not a whole number of 64 bits"
    case DN_SEPARATED_MISSING: return "\(place): a value is missing; integers have none, read the column as numbers"
    default: return "no memory left at line \(result.line)"
    }
  }
}

/// The memory of columns that are being read.
final class SeparatedColumns {
  let columns: UnsafeMutableBufferPointer<dn_separated_column>
  private(set) var hasMemory = true

  /// Columns of given kinds, and of integers to begin with where none is given.
  init(kinds: [dn_column_kind?], room: Int) {
    columns = .allocate(capacity: kinds.count)
    columns.initialize(repeating: dn_separated_column())
    for (place, kind) in kinds.enumerated() {
      columns[place].kind = kind ?? DN_COLUMN_INTEGERS
      columns[place].is_given = kind != nil
      guard kind != DN_COLUMN_SKIPPED else { continue }
      columns[place].values = dn_allocate(room * 8)
      if columns[place].values == nil { hasMemory = false }
    }
  }

  deinit {
    for place in columns.indices {
      dn_free(columns[place].values)
      dn_text_pool_free(&columns[place].texts)
    }
    columns.deallocate()
  }

  /// The first values of a column.
  func values<Value: BitwiseCopyable>(_ place: Int, _ count: Int) -> [Value] {
    [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeRawBufferPointer(start: columns[place].values, count: count * 8)
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
      initialized = count
    }
  }

  /// The different texts of a column, in the order in which they came; `nil` where one is not UTF-8.
  func texts(_ place: Int) throws -> [String]? {
    let pool = columns[place].texts
    var texts: [String] = []
    texts.reserveCapacity(pool.count)
    var start = 0
    for number in 0..<pool.count {
      let end = pool.ends[number]
      let bytes = UnsafeBufferPointer(start: pool.bytes.map { $0 + start }, count: end - start)
      guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
      texts.append(text)
      start = end
    }
    return texts
  }
}

extension dn_separated_column {
  /// Whether values were taken for numbers that are texts, or that would lose digits.
  fileprivate var mustBeTexts: Bool {
    has_changed || kind == DN_COLUMN_NUMBERS && has_large && !has_fraction
  }
}
