import DescentTensors

/// What a fitted step does to a column.
enum ColumnOperation: Sendable, Hashable, Codable {
  case fillNumber(column: String, value: Double)
  case fillText(column: String, text: String)
  case mark(column: String)
  case scale(column: String, shift: Double, divisor: Double)
  case oneHot(column: String, names: [String], ignoringUnseen: Bool)
  case index(column: String, names: [String])

  func applied(to table: Table) throws -> Table {
    switch self {
    case .fillNumber(let name, let value):
      let column = try table.column(name)
      if case .integers = column.values { return table }
      return try replacing(table, Table.Column(name, numbers: try numbers(column).map { $0.isNaN ? value : $0 }))
    case .fillText(let name, let text):
      let column = try table.column(name)
      let texts = column.texts.map { $0 ?? text }
      guard let names = column.categoryNames else { return try replacing(table, Table.Column(name, texts: texts)) }
      let all = names.contains(text) ? names : names + [text]
      return try replacing(table, Table.Column(name, categories: texts, names: all))
    case .mark(let name):
      let column = try table.column(name)
      let marks = (0..<table.rowCount).map { column.values.isMissing($0) ? 1 : 0 }
      return try table.adding(Table.Column("\(name) is missing", integers: marks))
    case .scale(let name, let shift, let divisor):
      let values = try numbers(try table.column(name))
      return try replacing(table, Table.Column(name, numbers: values.map { ($0 - shift) / divisor }))
    case .oneHot(let name, let names, let ignoringUnseen):
      let places = try places(of: try table.column(name), names, ignoringUnseen: ignoringUnseen)
      let indicators = names.indices.map { place in
        Table.Column("\(name)=\(names[place])", integers: places.map { $0 == place ? 1 : 0 })
      }
      return try Table(table.columns.flatMap { $0.name == name ? indicators : [$0] })
    case .index(let name, let names):
      let places = try places(of: try table.column(name), names, ignoringUnseen: true)
      return try replacing(table, Table.Column(name, integers: places.map { $0 ?? names.count }))
    }
  }

  private func replacing(_ table: Table, _ column: Table.Column) throws -> Table { try table.adding(column) }

  private func numbers(_ column: Table.Column) throws -> [Double] {
    if let numbers = column.numbers { return numbers }
    // A column without any value may have been read as one of texts.
    if column.missingCount == column.count { return Array(repeating: .nan, count: column.count) }
    throw TensorError(
      "TableEncoding", "the column \(column.name) holds \(column.kind), and numbers in the training data")
  }

  /// The place of each value among names, `nil` where it is missing, or none of them and that is to be ignored.
  private func places(of column: Table.Column, _ names: [String], ignoringUnseen: Bool) throws -> [Int?] {
    let known = Dictionary(zip(names, names.indices)) { first, _ in first }
    return try column.texts.enumerated().map { row, text in
      guard let text else { return nil }
      if let place = known[text] { return place }
      guard ignoringUnseen else {
        throw TensorError(
          "TableEncoding",
          "row \(row) of the column \(column.name) is \(text), none of \(Table.listed(names)) in the training data")
      }
      return nil
    }
  }
}
