import DescentFiles
import DescentGraph
import DescentTensors

/// Where a stream of the rows of a CSV file is.
public struct CSVPlace: Codable, Sendable, Hashable {
  /// The byte of the text, which is decompressed where the file is not plain, at which the next row begins; 0 before the header.
  var byte = 0
  /// The line on which it begins.
  var line = 1

  /// The beginning of a file.
  public init() {}

  fileprivate init(byte: Int, line: Int) { (self.byte, self.line) = (byte, line) }
}

extension DataStream where Element == Table, Place == CSVPlace {
  /// The rows of a file with a separator between fields, plain or gzip, so many at a time: the file may be larger than memory.
  ///
  /// ```swift
  /// var parts = try DataStream(csv: "taxis.csv.gz", rows: 4_096)
  /// while let table = try parts.next() { … }
  /// ```
  ///
  /// Kinds of columns that the format does not give are those of the first rows; give them where these cannot tell, such as
  /// where values are missing further on. Categories are those of the rows of each table. Going back to a place reads the file
  /// from its beginning.
  ///
  /// - Parameters:
  ///   - path: The file, in UTF-8, which must not change while it is read.
  ///   - rows: The most rows of a table, at least 1.
  ///   - format: How the file writes a table; see ``CSVFormat``.
  /// - Throws: `FileError` where the file cannot be read or its header is at fault; `TensorError` where the format contradicts
  ///   itself or asks for a column that is not there. The stream throws `FileError` where a row does not fit, which names line and
  ///   column.
  public init(csv path: String, rows: Int, format: CSVFormat = .csv) throws {
    guard rows >= 1 else { throw TensorError("DataStream", "takes at least 1 row at a time, found \(rows)") }
    let reader = try SharedReader(path, format, rows)
    self.init(from: CSVPlace()) { place in try reader.next(from: &place) }
  }
}

/// The reader of a stream and of its copies, each of which goes to its own place.
private final class SharedReader: Sendable {
  private let reader: Guarded<RowReader>

  init(_ path: String, _ format: CSVFormat, _ rows: Int) throws {
    reader = Guarded(try RowReader(path, format, rows))
  }

  func next(from place: inout CSVPlace) throws -> Table? { try reader.withLock { try $0.next(from: &place) } }
}

/// Reads tables of some rows of a file.
private struct RowReader {
  private let path: String
  private let rows: Int
  private let header: SeparatedReader
  /// How the file writes a table, with the kinds of the first rows.
  private let format: CSVFormat
  private var text: BufferedText
  /// So many bytes the last table took.
  private var usualBytes = 0

  init(_ path: String, _ format: CSVFormat, _ rows: Int) throws {
    (self.path, self.rows) = (path, rows)
    text = try BufferedText(path)
    var known = format
    var header: SeparatedReader?
    // The first rows say what the columns are that the format does not give.
    _ = try text.attempt(0) { bytes, isWhole -> SeparatedReader.Rows? in
      let reader = try SeparatedReader(file: bytes, format: format, path: path)
      header = reader
      guard let first = try reader.rows(rows, isWhole: isWhole), isWhole || first.count == rows else { return nil }
      for column in first.columns where known.kinds[column.name] == nil { known.kinds[column.name] = column.kind }
      return first
    }
    guard let header else { throw FileError(path, "holds no rows") }
    (self.header, self.format) = (header, known)
  }

  /// The table at a place, which moves on past it; `nil` at the end.
  mutating func next(from place: inout CSVPlace) throws -> Table? {
    if place.byte == 0 { place = CSVPlace(byte: header.begin.byte, line: header.begin.line) }
    try text.go(to: place.byte)
    let (line, header, format, rows) = (place.line, header, format, rows)
    let found = try text.attempt(usualBytes) { bytes, isWhole -> SeparatedReader.Rows? in
      let reader = try SeparatedReader(part: bytes, line: line, after: header, format: format)
      guard let found = try reader.rows(rows, isWhole: isWhole), isWhole || found.count == rows else { return nil }
      return found
    }
    guard let found, found.count > 0 else { return nil }
    text.drop(found.end.byte)
    usualBytes = found.end.byte
    place = CSVPlace(byte: place.byte + found.end.byte, line: found.end.line)
    return try Table(found.columns)
  }
}

/// A part of a file's text in memory, as much as is needed.
private struct BufferedText {
  private let path: String
  private var pieces: TextPieces
  private var bytes: [UInt8] = []
  /// Where the bytes in memory begin.
  private var start = 0
  private var isAtEnd = false
  /// The most bytes that are held.
  private static let limit = 1 << 28

  init(_ path: String) throws {
    self.path = path
    pieces = try TextPieces(path)
  }

  private mutating func readOn() throws {
    let piece = try pieces.next()
    isAtEnd = piece.isEmpty
    bytes += piece
  }

  /// Goes to a place: backward by reading the file from its beginning.
  mutating func go(to place: Int) throws {
    if place < start { self = try BufferedText(path) }
    while start + bytes.count < place, !isAtEnd {
      start += bytes.count
      bytes = []
      try readOn()
    }
    guard start + bytes.count >= place else { throw FileError(path, "became shorter while it was read") }
    drop(place - start)
  }

  /// Leaves the first bytes behind.
  mutating func drop(_ count: Int) {
    bytes.removeFirst(count)
    start += count
  }

  /// Has whole lines read by a function, and more of them while it gives nothing.
  ///
  /// - Parameters:
  ///   - count: With so many bytes, where there are as many, it is tried first.
  ///   - read: Reads lines; gives nothing where it needs more of them. It is told whether these are all.
  /// - Returns: What the function gave; `nil` where there are no more bytes.
  mutating func attempt<Result>(_ count: Int, _ read: (_ bytes: [UInt8], _ isWhole: Bool) throws -> Result?) throws
    -> Result?
  {
    var wanted = max(1, count)
    while true {
      while bytes.count < wanted, !isAtEnd { try readOn() }
      if bytes.isEmpty { return nil }
      let end = isAtEnd ? bytes.count : bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      if end > 0, let result = try read(Array(bytes[..<end]), isAtEnd) { return result }
      if isAtEnd { return nil }
      guard bytes.count < Self.limit else {
        throw FileError(path, "rows from byte \(start) on take more than \(Self.limit) bytes; read fewer at a time")
      }
      wanted = 2 * bytes.count
    }
  }
}
