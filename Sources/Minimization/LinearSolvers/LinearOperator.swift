import DescentTensors

/// A matrix that is known by its products with vectors: a closure, a Jacobian or a Hessian.
public struct LinearOperator: Sendable {
  /// How many numbers a product has.
  public let rows: Int
  /// How many numbers it takes.
  public let columns: Int
  private let product: @Sendable ([Double]) throws -> [Double]
  private let transposed: (@Sendable ([Double]) throws -> [Double])?

  /// Creates an operator.
  ///
  /// - Parameters:
  ///   - rows: How many numbers a product has.
  ///   - columns: How many numbers it takes; by default as many.
  ///   - transposed: The product of the transposed matrix; `nil` where nobody asks for it.
  ///   - product: The product.
  public init(
    rows: Int, columns: Int? = nil, transposed: (@Sendable ([Double]) throws -> [Double])? = nil,
    _ product: @escaping @Sendable ([Double]) throws -> [Double]
  ) {
    self.rows = rows
    self.columns = columns ?? rows
    self.transposed = transposed
    self.product = product
  }

  /// The product with a vector.
  ///
  /// - Throws: `TensorError` where a vector has another count, and what the closure throws.
  public func callAsFunction(_ vector: [Double]) throws -> [Double] {
    try Self.checked(try product(try Self.checked(vector, columns, "given")), rows, "the product")
  }

  /// The product of the transposed matrix with a vector.
  ///
  /// - Throws: `TensorError` where there is none or a vector has another count, and what the closure throws.
  public func applyTransposed(_ vector: [Double]) throws -> [Double] {
    guard let transposed else {
      throw TensorError("LinearOperator", "the operator was made without the product of its transposed matrix")
    }
    return try Self.checked(try transposed(try Self.checked(vector, rows, "given")), columns, "the transposed product")
  }

  private static func checked(_ vector: [Double], _ count: Int, _ name: String) throws -> [Double] {
    guard vector.count == count else {
      throw TensorError("LinearOperator", "\(name): \(vector.count) numbers, where \(count) are needed")
    }
    return vector
  }

  /// The operator of a matrix.
  ///
  /// - Parameter matrix: The matrix `[rows, columns]`.
  /// - Throws: `TensorError` where it has another rank, or carries an error.
  public init(_ matrix: Tensor) throws {
    if let error = matrix.error { throw error }
    guard matrix.rank == 2 else {
      throw TensorError("LinearOperator", "the matrix \(matrix.shape) has rank \(matrix.rank), where 2 is needed")
    }
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    let values = try matrix.scalars()
    self.init(
      rows: rows, columns: columns,
      transposed: { vector in
        var result = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
          for column in 0..<columns { result[column] += values[row * columns + column] * vector[row] }
        }
        return result
      },
      { vector in
        (0..<rows).map { row in
          var sum = 0.0
          for column in 0..<columns { sum += values[row * columns + column] * vector[column] }
          return sum
        }
      })
  }
}

/// What a solver of linear equations found.
public struct LinearSolution: Sendable {
  /// The vector that was looked for.
  public let x: [Double]
  /// The norm of what is left of the equation.
  public let residual: Double
  /// How many products were needed.
  public let iterations: Int
  /// Whether the residual is within its tolerance.
  public let isConverged: Bool
}
