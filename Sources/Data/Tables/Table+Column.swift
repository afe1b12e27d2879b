import DescentTensors

extension Table {
  /// What the values of a column are.
  public enum ColumnKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Whole numbers of 64 bits, none missing.
    case integers
    /// Numbers; one that is missing is NaN.
    case numbers
    /// Texts of which there are few, each known by its place among their names.
    case categories
    /// Texts.
    case texts
  }

  /// A column of a table.
  public struct Column: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its values.
    public let values: Values

    /// The values of a column, one a row.
    public enum Values: Sendable {
      /// Whole numbers.
      case integers([Int])
      /// Numbers, NaN where one is missing.
      case numbers([Double])
      /// Places among names, −1 where a value is missing.
      case categories([Int32], names: [String])
      /// Texts, `nil` where one is missing.
      case texts([String?])
    }

    /// A column of values that are known to agree.
    init(_ name: String, _ values: Values) {
      self.name = name
      self.values = values
    }

    /// A column of whole numbers.
    public init(_ name: String, integers: [Int]) { self.init(name, .integers(integers)) }

    /// A column of numbers, in which NaN is a missing value.
    public init(_ name: String, numbers: [Double]) { self.init(name, .numbers(numbers)) }

    /// A column of texts, in which `nil` is a missing value.
    public init(_ name: String, texts: [String?]) { self.init(name, .texts(texts)) }

    /// A column of categories, in which `nil` is a missing value.
    ///
    /// - Parameters:
    ///   - name: The name of the column.
    ///   - texts: The category of each row.
    ///   - names: The categories, in order; without them those that occur, sorted.
    /// - Throws: `TensorError` where a text is not one of the names, or a name comes twice.
    public init(_ name: String, categories texts: [String?], names: [String]? = nil) throws {
      let names = names ?? Set(texts.compactMap { $0 }).sorted()
      var codes: [String: Int32] = [:]
      for (place, category) in names.enumerated() {
        guard codes.updateValue(Int32(clamping: place), forKey: category) == nil else {
          throw TensorError("Table", "the column \(name) has the category \(category) twice")
        }
      }
      let places = try texts.enumerated().map { row, text in
        guard let text else { return -1 as Int32 }
        guard let code = codes[text] else {
          throw TensorError(
            "Table", "row \(row) of the column \(name) is \(text), none of \(Table.listed(names))")
        }
        return code
      }
      self.init(name, .categories(places, names: names))
    }

    /// The number of rows.
    public var count: Int { values.count }

    /// What the values are.
    public var kind: ColumnKind {
      switch values {
      case .integers: .integers
      case .numbers: .numbers
      case .categories: .categories
      case .texts: .texts
      }
    }

    /// The number of values that are missing.
    ///
    /// - Complexity: O(rows).
    public var missingCount: Int {
      switch values {
      case .integers: 0
      case .numbers(let values): values.count { $0.isNaN }
      case .categories(let codes, _): codes.count { $0 < 0 }
      case .texts(let values): values.count { $0 == nil }
      }
    }

    /// The values as numbers, NaN where one is missing; `nil` of a column that is not one of numbers.
    public var numbers: [Double]? {
      switch values {
      case .integers(let values): values.map(Double.init)
      case .numbers(let values): values
      default: nil
      }
    }

    /// The values as texts, `nil` where one is missing: whole numbers without a point, others as Swift writes them.
    ///
    /// - Complexity: O(rows).
    public var texts: [String?] {
      switch values {
      case .integers(let values): values.map { "\($0)" }
      case .numbers(let values): values.map(Self.text)
      case .categories(let codes, let names): codes.map { $0 < 0 ? nil : names[Int($0)] }
      case .texts(let values): values
      }
    }

    private static func text(_ number: Double) -> String? {
      // So that a category of 1 is the same whether or not another value of the column is missing.
      if let whole = Int(exactly: number) { return "\(whole)" }
      return number.isNaN ? nil : "\(number)"
    }

    /// The names of the categories; `nil` of a column that is not one of categories.
    public var categoryNames: [String]? {
      if case .categories(_, let names) = values { names } else { nil }
    }

    /// The column as one of categories: the texts that occur, sorted, or for whole numbers those in order.
    ///
    /// - Parameter names: The categories, in order, where they are known, such as those of the training data.
    /// - Throws: `TensorError` where a value is not one of the names.
    public func categorized(names: [String]? = nil) throws -> Column {
      if names == nil, case .categories = values { return self }
      if names == nil, case .integers(let values) = values {
        return try Column(name, categories: texts, names: Set(values).sorted().map { "\($0)" })
      }
      return try Column(name, categories: texts, names: names)
    }

    /// The values of this column, then those of another of the same kind.
    func appending(_ other: Column) throws -> Column {
      switch (values, other.values) {
      case (.integers(let a), .integers(let b)): Column(name, integers: a + b)
      case (.texts(let a), .texts(let b)): Column(name, texts: a + b)
      case (.categories(let a, let names), .categories(let b, let others)) where names == others:
        Column(name, .categories(a + b, names: names))
      case (.categories, .categories):
        try Column(name, categories: texts + other.texts)
      case (.integers, .numbers), (.numbers, .integers), (.numbers, .numbers):
        Column(name, numbers: (numbers ?? []) + (other.numbers ?? []))
      default:
        throw TensorError("Table", "the column \(name) holds \(kind) in one table and \(other.kind) in the other")
      }
    }
  }
}

extension Table.Column.Values {
  /// The number of values.
  var count: Int {
    switch self {
    case .integers(let values): values.count
    case .numbers(let values): values.count
    case .categories(let codes, _): codes.count
    case .texts(let values): values.count
    }
  }

  /// Whether the value of a row is missing.
  func isMissing(_ row: Int) -> Bool {
    switch self {
    case .integers: false
    case .numbers(let values): values[row].isNaN
    case .categories(let codes, _): codes[row] < 0
    case .texts(let values): values[row] == nil
    }
  }

  /// The values of some rows.
  func selecting(_ rows: [Int]) -> Self {
    switch self {
    case .integers(let values): .integers(rows.map { values[$0] })
    case .numbers(let values): .numbers(rows.map { values[$0] })
    case .categories(let codes, let names): .categories(rows.map { codes[$0] }, names: names)
    case .texts(let values): .texts(rows.map { values[$0] })
    }
  }
}
