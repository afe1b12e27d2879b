import DescentFiles
import DescentTensors

extension Table {
  /// Writes the table as rows with a separator between fields, in one step.
  ///
  /// Numbers are written with the digits that make them the same when read; a missing value is an empty field, or `NA` in
  /// a table of one column, whose line would be blank. A format without a header leaves the names out.
  ///
  /// - Throws: `FileError` where the file cannot be written; `TensorError` where the format contradicts itself, does not
  ///   take an empty field as missing, or quotes nothing and a text would need it.
  public func write(csv path: String, format: CSVFormat = .csv) throws {
    try FileContents.write(encodedCSV(format: format), to: path)
  }

  /// The bytes of the file of rows.
  ///
  /// - Throws: `TensorError`; see ``write(csv:format:)``.
  public func encodedCSV(format: CSVFormat = .csv) throws -> [UInt8] {
    let checked = try format.checked()
    let writer = SeparatedWriter(format: checked, settings: format)
    let columns = try format.columns.map { try selecting(columns: $0).columns } ?? self.columns
    let absent = columns.count == 1 ? "NA" : ""
    if columns.contains(where: { $0.missingCount > 0 }), !format.missing.contains(absent) {
      throw TensorError("CSVFormat", "\"\(absent)\" is no word for a missing value, and there are some")
    }
    var bytes: [UInt8] = []
    if format.hasHeader { try append(columns.map(\.name)) { try writer.field($0) } }
    let fields = try columns.map { column in try writer.fields(of: column, absent: absent) }
    for row in 0..<rowCount { try append(fields) { $0[row] } }
    return bytes

    func append<Field>(_ row: [Field], _ text: (Field) throws -> [UInt8]) throws {
      for (place, field) in row.enumerated() {
        if place > 0 { bytes.append(checked.separator) }
        bytes += try text(field)
      }
      bytes.append(0x0A)
    }
  }
}

/// Writes fields so that they are read as what they are.
private struct SeparatedWriter {
  let format: CSVFormat.Checked
  let settings: CSVFormat
  /// Whether a word for a missing value, or the mark of comments, begins like a number.
  let numbersMayClash: Bool

  init(format: CSVFormat.Checked, settings: CSVFormat) {
    (self.format, self.settings) = (format, settings)
    numbersMayClash = (settings.missing + [settings.comment ?? ""]).contains { word in
      word.utf8.first.map { (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x69 } ?? false
    }
  }

  /// The fields of a column.
  func fields(of column: Table.Column, absent: String) throws -> [[UInt8]] {
    let absent = Array(absent.utf8)
    switch column.values {
    case .integers(let values): return try values.map { try field(number: Array("\($0)".utf8)) }
    case .numbers(let values): return try values.map { $0.isNaN ? absent : try field(number: number($0)) }
    case .categories(let codes, let names):
      let fields = try names.map(field)
      return codes.map { $0 < 0 ? absent : fields[Int($0)] }
    case .texts(let values): return try values.map { try $0.map(field) ?? absent }
    }
  }

  /// A number, in quotes where it would be read as a missing value or a comment without.
  private func field(number bytes: [UInt8]) throws -> [UInt8] {
    numbersMayClash ? try field(String(decoding: bytes, as: UTF8.self)) : bytes
  }

  private func number(_ value: Double) -> [UInt8] {
    let text = Array("\(value)".utf8)
    return format.point == 0x2E ? text : text.map { $0 == 0x2E ? format.point : $0 }
  }

  /// A text, in quotes where it would be read as something else without.
  func field(_ text: String) throws -> [UInt8] {
    let bytes = Array(text.utf8)
    let isPlain =
      !bytes.contains { $0 == format.separator || $0 == format.quote || $0 == 0x0A || $0 == 0x0D || $0 == 0 }
      && !settings.missing.contains(text) && !bytes.isEmpty
      && !(!format.comment.isEmpty && bytes.starts(with: format.comment))
    if isPlain { return bytes }
    guard format.quote != 0 else {
      throw TensorError("CSVFormat", "the text \"\(text)\" needs quotes, and the format has none")
    }
    return [format.quote] + bytes.flatMap { $0 == format.quote ? [$0, $0] : [$0] } + [format.quote]
  }
}
