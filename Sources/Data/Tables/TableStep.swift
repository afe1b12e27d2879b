import DescentTensors

/// A step by which columns of a table become numbers, before it is fitted to a table: see ``TableEncoding``.
public struct TableStep: Sendable, Hashable {
  /// What takes the place of a value that is missing.
  public enum Substitute: Sendable, Hashable {
    /// The mean of the column's numbers.
    case mean
    /// The middle one of the column's numbers, or the mean of the two in the middle.
    case median
    /// The value that comes most often, of several the smallest or the first in order.
    case mostFrequent
    /// A number.
    case number(Double)
    /// A category or a text.
    case text(String)
  }

  private enum Kind: Hashable {
    case imputed(Substitute, marking: Bool)
    case standardized
    case scaled
    case oneHot(ignoringUnseen: Bool)
    case indexed
  }

  private let kind: Kind
  /// The columns; `nil` for all of the kind that the step is for.
  private let columns: [String]?

  // MARK: Steps

  /// Missing values replaced. The mean and the median leave categories and texts to the value that comes most often.
  ///
  /// - Parameters:
  ///   - substitute: What takes their place.
  ///   - columns: Which columns; `nil` for all that the substitute fits.
  ///   - marking: Whether a column `NAME is missing` of 0 and 1 is added for each column that had such values in training.
  public static func imputed(
    _ substitute: Substitute = .mean, columns: [String]? = nil, marking: Bool = false
  ) -> TableStep {
    TableStep(kind: .imputed(substitute, marking: marking), columns: columns)
  }

  /// Numbers less their mean, divided by their standard deviation over all values; a column of one value only is not
  /// divided.
  ///
  /// - Parameter columns: Which columns; `nil` for all of numbers.
  public static func standardized(columns: [String]? = nil) -> TableStep {
    TableStep(kind: .standardized, columns: columns)
  }

  /// Numbers brought to 0...1, by their smallest and their largest in training.
  ///
  /// - Parameter columns: Which columns; `nil` for all of numbers.
  public static func scaled(columns: [String]? = nil) -> TableStep { TableStep(kind: .scaled, columns: columns) }

  /// Each category a column `NAME=CATEGORY` of 0 and 1, in the place of the column; all are 0 where the value is missing.
  ///
  /// - Parameters:
  ///   - columns: Which columns; `nil` for all of categories.
  ///   - ignoringUnseen: Whether a category that training did not have is all zeros, too, rather than an error.
  public static func oneHot(columns: [String]? = nil, ignoringUnseen: Bool = false) -> TableStep {
    TableStep(kind: .oneHot(ignoringUnseen: ignoringUnseen), columns: columns)
  }

  /// Each category its place among those of training, as an embedding takes it; what is missing or was not there in training
  /// has the place after the last.
  ///
  /// - Parameter columns: Which columns; `nil` for all of categories.
  public static func indexed(columns: [String]? = nil) -> TableStep { TableStep(kind: .indexed, columns: columns) }

  // MARK: Fitting

  /// What the step does to the columns of a table.
  func fitted(to table: Table) throws -> [ColumnOperation] {
    let chosen = try columns.map { try $0.map(table.column) } ?? table.columns.filter(suits)
    return try chosen.flatMap(operations)
  }

  /// Whether the step is for a column without being told so.
  private func suits(_ column: Table.Column) -> Bool {
    let isNumber = column.kind == .numbers || column.kind == .integers
    switch kind {
    case .imputed(.number, _): return isNumber
    case .imputed(.text, _): return !isNumber
    case .imputed: return column.kind != .texts
    case .standardized, .scaled: return isNumber
    case .oneHot, .indexed: return column.kind == .categories
    }
  }

  private func operations(_ column: Table.Column) throws -> [ColumnOperation] {
    let name = column.name
    switch kind {
    case .imputed(let substitute, let marking):
      let mark = marking && column.missingCount > 0 ? [ColumnOperation.mark(column: name)] : []
      return mark + [try fill(column, substitute)]
    case .standardized:
      let values = try present(column)
      let low = values.min() ?? 0
      // The mean of equal numbers is rounded, and may be none of them.
      let mean = low == values.max() ? low : values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { sum, value in sum + (value - mean) * (value - mean) }
      let deviation = (squares / Double(values.count)).squareRoot()
      return [.scale(column: name, shift: mean, divisor: Self.divisor(deviation, of: values))]
    case .scaled:
      let values = try present(column)
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      return [.scale(column: name, shift: low, divisor: Self.divisor(high - low, of: values))]
    case .oneHot(let ignoringUnseen):
      return [.oneHot(column: name, names: try categories(column), ignoringUnseen: ignoringUnseen)]
    case .indexed:
      return [.index(column: name, names: try categories(column))]
    }
  }

  /// What is divided by: not zero, and no number so small that rounding alone made it.
  private static func divisor(_ spread: Double, of values: [Double]) -> Double {
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let rounding = max(abs(low), abs(high)) * .ulpOfOne
    return low < high && spread > rounding && spread.isFinite ? spread : 1
  }

  private func categories(_ column: Table.Column) throws -> [String] {
    guard let names = try column.categorized().categoryNames, !names.isEmpty else {
      throw TensorError("TableEncoding", "the column \(column.name) has no values to take categories from")
    }
    return names
  }

  /// The numbers of a column that are not missing; at least one.
  private func present(_ column: Table.Column) throws -> [Double] {
    guard let numbers = column.numbers else {
      throw TensorError("TableEncoding", "the column \(column.name) holds \(column.kind), not numbers")
    }
    let values = numbers.filter { !$0.isNaN }
    guard !values.isEmpty else {
      throw TensorError("TableEncoding", "the column \(column.name) has no values to fit to: all are missing")
    }
    return values
  }

  private func fill(_ column: Table.Column, _ substitute: Substitute) throws -> ColumnOperation {
    func number(_ value: ([Double]) -> Double) throws -> ColumnOperation {
      .fillNumber(column: column.name, value: value(try present(column)))
    }
    switch (substitute, column.numbers) {
    case (.number(let value), _): return .fillNumber(column: column.name, value: value)
    case (.text(let text), _): return .fillText(column: column.name, text: text)
    case (.mean, .some): return try number { $0.reduce(0, +) / Double($0.count) }
    case (.median, .some): return try number(Self.median)
    case (.mostFrequent, .some): return try number { Self.mostFrequent($0) ?? 0 }
    case (_, nil):
      guard let text = Self.mostFrequent(column.texts.compactMap { $0 }) else {
        throw TensorError("TableEncoding", "the column \(column.name) has no values to fit to: all are missing")
      }
      return .fillText(column: column.name, text: text)
    }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  private static func mostFrequent<Value: Hashable & Comparable>(_ values: [Value]) -> Value? {
    var counts: [Value: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    return counts.max { a, b in a.value == b.value ? a.key > b.key : a.value < b.value }?.key
  }
}
