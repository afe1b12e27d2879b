import DescentTensors

/// Rows of named columns, each of one kind: whole numbers, numbers, categories or texts, in which values may be missing.
///
/// ```swift
/// let penguins = try Table.read(csv: "penguins.csv")
/// let known = try penguins.selecting { row in !row.isMissing("sex") }
/// ```
public struct Table: Sendable, Hashable, Codable {
  /// The columns, in order.
  public let columns: [Column]
  /// The number of rows.
  public let rowCount: Int
  /// The places of the columns by their names.
  private let places: [String: Int]

  /// A table of columns.
  ///
  /// - Throws: `TensorError` where two columns have one name, or their lengths differ.
  public init(_ columns: [Column]) throws {
    var places: [String: Int] = [:]
    for (place, column) in columns.enumerated() {
      if let first = columns.first, column.count != first.count {
        throw TensorError(
          "Table",
          "the column \(first.name) has \(first.count) rows, the column \(column.name) \(column.count)")
      }
      guard places.updateValue(place, forKey: column.name) == nil else {
        throw TensorError("Table", "two columns have the name \(column.name)")
      }
    }
    self.columns = columns
    self.places = places
    rowCount = columns.first?.count ?? 0
  }

  /// Takes a table from what was encoded.
  public init(from decoder: any Decoder) throws {
    try self.init(try decoder.singleValueContainer().decode([Column].self))
  }

  /// Writes the columns.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(columns)
  }

  /// The names of the columns, in order.
  public var names: [String] { columns.map(\.name) }

  /// The column of a name, `nil` where there is none.
  public subscript(name: String) -> Column? { places[name].map { columns[$0] } }

  /// The column of a name.
  ///
  /// - Throws: `TensorError` where there is none; it lists those that there are.
  public func column(_ name: String) throws -> Column {
    guard let column = self[name] else {
      throw TensorError("Table", "there is no column \(name) among \(Self.listed(names))")
    }
    return column
  }

  /// Some names, of many the first ones.
  static func listed(_ names: [String]) -> String {
    let shown = names.prefix(12).joined(separator: ", ")
    return names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
  }

  // MARK: Choosing

  /// The table of some columns, in the order asked for.
  ///
  /// - Throws: `TensorError` where there is no such column, or one is asked for twice.
  public func selecting(columns names: [String]) throws -> Table { try Table(try names.map(column)) }

  /// The table without some columns.
  ///
  /// - Throws: `TensorError` where there is no such column.
  public func removing(columns names: [String]) throws -> Table {
    for name in names { _ = try column(name) }
    return try Table(columns.filter { !names.contains($0.name) })
  }

  /// The table with a column more, or with another in the place of that of the same name.
  ///
  /// - Throws: `TensorError` where the number of rows is another.
  public func adding(_ column: Column) throws -> Table {
    var columns = columns
    if let place = places[column.name] { columns[place] = column } else { columns.append(column) }
    return try Table(columns)
  }

  /// The rows at some places, in that order; a row may come more than once.
  ///
  /// - Throws: `TensorError` where there is no such row.
  /// - Complexity: O(*n* · columns) in the number of places.
  public func selecting(rows: [Int]) throws -> Table {
    if let wrong = rows.first(where: { !(0..<rowCount).contains($0) }) {
      throw TensorError("Table", "there is no row \(wrong) among \(rowCount)")
    }
    return try Table(columns.map { Column($0.name, $0.values.selecting(rows)) })
  }

  /// The rows for which a function says so.
  ///
  /// - Throws: what the function throws.
  public func selecting(where isWanted: (Row) throws -> Bool) throws -> Table {
    try selecting(rows: try (0..<rowCount).filter { try isWanted(Row(table: self, index: $0)) })
  }

  /// The rows of this table, then those of another with the same columns.
  ///
  /// - Throws: `TensorError` where the names or the kinds of the columns differ.
  public func appending(_ other: Table) throws -> Table {
    guard names == other.names else {
      throw TensorError("Table", "columns differ: \(Self.listed(names)) and \(Self.listed(other.names))")
    }
    return try Table(zip(columns, other.columns).map { try $0.appending($1) })
  }
}

extension Table {
  /// A row of a table.
  public struct Row: Sendable {
    /// The table.
    public let table: Table
    /// Which row it is, from 0.
    public let index: Int

    /// Whether there is no value in a column; so it is where there is no such column.
    public func isMissing(_ name: String) -> Bool { table[name]?.values.isMissing(index) ?? true }

    /// The number in a column; `nil` where it is missing or the column does not hold numbers.
    public func number(_ name: String) -> Double? {
      switch table[name]?.values {
      case .integers(let values): Double(values[index])
      case .numbers(let values): values[index].isNaN ? nil : values[index]
      default: nil
      }
    }

    /// The text or the category in a column; `nil` where it is missing or the column is one of numbers.
    public func text(_ name: String) -> String? {
      switch table[name]?.values {
      case .categories(let codes, let names): codes[index] < 0 ? nil : names[Int(codes[index])]
      case .texts(let values): values[index]
      default: nil
      }
    }
  }

  /// The rows, one after the other.
  public var rows: some RandomAccessCollection<Row> { (0..<rowCount).lazy.map { Row(table: self, index: $0) } }
}

extension Table: CustomStringConvertible {
  /// What the columns hold, a line for each.
  public var description: String {
    let lines = columns.map { column in
      let missing = column.missingCount
      return "  \(column.name): \(column.kind)" + (missing > 0 ? ", \(missing.grouped) missing" : "")
    }
    return (["\(rowCount.grouped) rows, \(columns.count) columns"] + lines).joined(separator: "\n")
  }
}
