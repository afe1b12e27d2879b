import DescentFiles
import DescentGraph
import DescentTensors
import Foundation

/// How the columns of a table become the numbers of a tensor: fitted once, on the training data, and the same for every
/// table afterward.
///
/// ```swift
/// let encoding = try TableEncoding(fitting: training, .imputed(.median), .standardized(), .oneHot())
/// let inputs = try encoding.tensor(of: test)  // [rows, encoding.names.count]
/// try encoding.write(to: "penguins.json")     // beside the model that was trained on it
/// ```
public struct TableEncoding: Sendable, Hashable, Codable {
  /// The columns that tables have to have; others are left out.
  public let inputs: [String]
  /// The names of the columns that come out, such as `mass` or `island=Dream`.
  public let names: [String]
  /// What is done, in order.
  let operations: [ColumnOperation]

  /// Fits steps to a table, each to what those before it make of it.
  ///
  /// - Parameters:
  ///   - table: The training data, without the columns that are to be predicted.
  ///   - steps: What is to be done, in order.
  /// - Throws: `TensorError` where a step names a column that is not there or is of another kind, or a column has no values
  ///   to fit to.
  public init(fitting table: Table, _ steps: TableStep...) throws { try self.init(fitting: table, steps) }

  /// Fits steps to a table, each to what those before it make of it.
  ///
  /// - Throws: `TensorError`.
  public init(fitting table: Table, _ steps: [TableStep]) throws {
    var table = table
    var operations: [ColumnOperation] = []
    inputs = table.names
    for step in steps {
      for operation in try step.fitted(to: table) {
        table = try operation.applied(to: table)
        operations.append(operation)
      }
    }
    self.operations = operations
    names = table.names
  }

  /// The table that the steps make of another one with the same columns.
  ///
  /// - Throws: `TensorError` where a column is missing or of another kind than in the training data.
  public func callAsFunction(_ table: Table) throws -> Table {
    try operations.reduce(try table.selecting(columns: inputs)) { try $1.applied(to: $0) }
  }

  /// The tensor of the columns that the steps make of a table, `[rows, names.count]`.
  ///
  /// - Throws: `TensorError` where a column is missing, does not hold numbers at the end, or has values that are missing then.
  public func tensor(of table: Table, _ elementType: ElementType = .float32) throws -> Tensor {
    try self(table).tensor(elementType)
  }

  /// What a column of numbers was shifted and divided by, for turning predictions back: `value * divisor + shift`; `nil`
  /// where it was neither.
  public func scale(of name: String) -> (shift: Double, divisor: Double)? {
    for case .scale(name, let shift, let divisor) in operations { return (shift, divisor) }
    return nil
  }

  // MARK: Files

  /// Writes the encoding as a JSON file, in one step.
  ///
  /// - Throws: `FileError` where the file cannot be written, an earlier one being left as it was.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try FileContents.write(Array(encoder.encode(self)), to: path)
  }

  /// Reads an encoding from a JSON file.
  ///
  /// - Throws: `FileError` where the file cannot be read, or holds none.
  public static func read(_ path: String) throws -> TableEncoding {
    let file = try FileContents.read(path)
    do { return try JSONDecoder().decode(TableEncoding.self, from: Data(file)) } catch let error as DecodingError {
      throw FileError(path, "holds no encoding of a table: \(JSONLines.fault(of: error))")
    }
  }
}
