import DescentGraph
import DescentTensors

extension Table {
  /// Columns of numbers as a tensor, `[rows, columns]`.
  ///
  /// - Parameters:
  ///   - names: The columns; `nil` for all.
  ///   - elementType: The element type.
  /// - Throws: `TensorError` where a column does not hold numbers or has a missing value; it names column and row.
  public func tensor(of names: [String]? = nil, _ elementType: ElementType = .float32) throws -> Tensor {
    let columns = try (names ?? self.names).map { name in
      let column = try column(name)
      guard let numbers = column.numbers else {
        throw TensorError(
          "Table", "the column \(name) holds \(column.kind), not numbers: see ``TableEncoding``, or integers(of:)")
      }
      if let row = numbers.firstIndex(where: \.isNaN) {
        throw TensorError("Table", "the value in row \(row) of the column \(name) is missing: impute it first")
      }
      return numbers
    }
    var values: [Double] = []
    values.reserveCapacity(rowCount * columns.count)
    for row in 0..<rowCount { for column in columns { values.append(column[row]) } }
    let wide = Tensor(values, shape: [rowCount, columns.count], .float64)
    return elementType == .float64 ? wide : wide.converted(to: elementType)
  }

  /// A column of whole numbers or of categories as integers, `[rows]`: of categories their places among the names.
  ///
  /// - Throws: `TensorError` where the column is another, has a missing value, or a number that the type cannot hold.
  public func integers(of name: String, _ elementType: ElementType = .int32) throws -> Tensor {
    let column = try column(name)
    switch column.values {
    case .integers(let values): return Tensor(integers: values, elementType)
    case .categories(let codes, _):
      if let row = codes.firstIndex(where: { $0 < 0 }) {
        throw TensorError("Table", "the value in row \(row) of the column \(name) is missing: impute it first")
      }
      return Tensor(integers: codes.map(Int.init), elementType)
    default:
      throw TensorError("Table", "the column \(name) holds \(column.kind), not integers or categories")
    }
  }
}
