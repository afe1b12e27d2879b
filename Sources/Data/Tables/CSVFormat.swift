import CFormats
import DescentTensors

/// How a text file writes a table: CSV as RFC 4180 has it, TSV, or a relative of them.
public struct CSVFormat: Sendable, Hashable, Codable {
  /// What stands between two fields.
  public var separator: String
  /// What fields may stand in that hold separators, line ends or quotes, which are doubled; `nil` where nothing quotes.
  public var quote: String?
  /// What stands before the fraction of a number.
  public var decimalPoint: String
  /// How lines begin that are passed over; `nil` where there are none.
  public var comment: String?
  /// Whether the first row gives the columns their names; where it does not, they are `column 1`, `column 2` and so on.
  public var hasHeader: Bool
  /// The words that stand for a missing value. What is in quotes is none of them, but an empty number.
  public var missing: Set<String>
  /// The kinds of columns by name; those of others follow from their values.
  public var kinds: [String: Table.ColumnKind]
  /// The names of the columns that are read; `nil` for all.
  public var columns: [String]?

  /// What stands for a missing value where nothing else is said.
  public static let missingWords: Set<String> = ["", "NA", "N/A", "NaN", "nan", "null", "NULL"]

  /// A format.
  ///
  /// The kind of a column that is not given follows from its values: whole numbers without a gap are integers, other numbers
  /// numbers, and texts that come at least twice each on the average, 256 at most, are categories. Whole numbers beyond 2⁵³
  /// among which some are missing stay texts, so that no digit is lost.
  ///
  /// - Parameters:
  ///   - separator: What stands between two fields, one ASCII character.
  ///   - quote: What fields may stand in, one ASCII character, or `nil`.
  ///   - decimalPoint: What stands before the fraction of a number, one ASCII character.
  ///   - comment: How lines begin that are passed over.
  ///   - hasHeader: Whether the first row gives the names.
  ///   - missing: The words that stand for a missing value.
  ///   - kinds: The kinds of columns by name.
  ///   - columns: The names of the columns that are read.
  public init(
    separator: String = ",", quote: String? = "\"", decimalPoint: String = ".", comment: String? = nil,
    hasHeader: Bool = true, missing: Set<String> = missingWords, kinds: [String: Table.ColumnKind] = [:],
    columns: [String]? = nil
  ) {
    self.separator = separator
    self.quote = quote
    self.decimalPoint = decimalPoint
    self.comment = comment
    self.hasHeader = hasHeader
    self.missing = missing
    self.kinds = kinds
    self.columns = columns
  }

  /// Fields separated by commas.
  public static let csv = CSVFormat()
  /// Fields separated by tabs.
  public static let tsv = CSVFormat(separator: "\t")

  /// The bytes of a format that were found to be such.
  struct Checked {
    let separator: UInt8
    let quote: UInt8
    let point: UInt8
    let comment: [UInt8]
    let missing: [UInt8]
  }

  /// The format in bytes.
  ///
  /// - Throws: `TensorError` where a character is not one of ASCII, or two of them are the same.
  func checked() throws -> Checked {
    func byte(_ text: String, _ what: String) throws -> UInt8 {
      guard let byte = text.utf8.first, text.utf8.count == 1, byte < 128, byte != 0x0A, byte != 0x0D, byte != 0 else {
        throw TensorError("CSVFormat", "the \(what) \"\(text)\" is not one ASCII character")
      }
      let letter = byte | 0x20
      guard !(0x30...0x39).contains(byte), !(0x61...0x7A).contains(letter), byte != 0x2B, byte != 0x2D else {
        throw TensorError("CSVFormat", "the \(what) \"\(text)\" is a letter, digit or sign, of which numbers are made")
      }
      return byte
    }
    let separator = try byte(separator, "separator")
    let quote = try quote.map { try byte($0, "quote") } ?? 0
    let point = try byte(decimalPoint, "decimal point")
    guard separator != quote, separator != point, quote != point else {
      throw TensorError("CSVFormat", "two of separator, quote and decimal point are the same character")
    }
    if let word = missing.first(where: { $0.utf8.contains(0) }) {
      throw TensorError("CSVFormat", "the word \"\(word)\" for a missing value holds a zero byte")
    }
    return Checked(
      separator: separator, quote: quote, point: point, comment: Array((comment ?? "").utf8),
      missing: missing.sorted().flatMap { Array($0.utf8) + [0] })
  }
}

extension CSVFormat.Checked {
  /// Calls a function with the format as the C floor takes it.
  func withFormat<Result>(_ body: (UnsafePointer<dn_separated_format>) throws -> Result) rethrows -> Result {
    try comment.withUnsafeBufferPointer { comment in
      try missing.withUnsafeBufferPointer { missing in
        var format = dn_separated_format(
          separator: separator, quote: quote, point: point, comment: comment.baseAddress, comment_length: comment.count,
          missing: missing.baseAddress, missing_length: missing.count)
        return try body(&format)
      }
    }
  }
}
