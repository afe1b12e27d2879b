import DescentGraph
import DescentTensors

/// How a parameter is taken as a matrix, `[…, inputs, outputs]` as `[…·inputs, outputs]`, and that apart into blocks of equal size.
///
/// Rows and columns that are missing from the last blocks are zeros.
struct MatrixBlocks {
  private let shape: Shape
  private let rows: Int
  private let columns: Int
  /// How many blocks stand above one another.
  private let rowParts: Int
  /// How many rows each has.
  private let rowSize: Int
  /// How many blocks stand beside one another.
  private let columnParts: Int
  /// How many columns each has.
  private let columnSize: Int

  /// Blocks with at most `size` rows and columns.
  init(_ shape: Shape, size: Int) {
    self.shape = shape
    (rows, columns) = Self.matrix(shape)
    func parts(_ count: Int) -> (Int, Int) {
      let parts = max(1, (count - 1) / max(size, 1) + 1)
      return (parts, max(1, (count + parts - 1) / parts))
    }
    (rowParts, rowSize) = parts(rows)
    (columnParts, columnSize) = parts(columns)
  }

  /// The rows and columns of the matrix that a parameter is.
  static func matrix(_ shape: Shape) -> (rows: Int, columns: Int) {
    (shape.sizes.dropLast().reduce(1, *), shape.last ?? 1)
  }

  /// A parameter's blocks, `[rowParts, columnParts, rowSize, columnSize]`.
  func split(_ x: Tensor) -> Tensor {
    let (missingRows, missingColumns) = (rowParts * rowSize - rows, columnParts * columnSize - columns)
    var matrix = x.reshaped([rows, columns])
    if missingRows + missingColumns > 0 { matrix = matrix.padded(low: [0, 0], high: [missingRows, missingColumns]) }
    return matrix.reshaped([rowParts, rowSize, columnParts, columnSize]).transposed([0, 2, 1, 3])
  }

  /// The parameter that has these blocks.
  func merged(_ blocks: Tensor) -> Tensor {
    let whole = blocks.transposed([0, 2, 1, 3]).reshaped([rowParts * rowSize, columnParts * columnSize])
    return whole.sliced(0..<rows, axis: 0).sliced(0..<columns, axis: 1).reshaped(shape)
  }

  /// A square matrix of zeros for the rows of each block.
  func rowSquares(_ type: ElementType) -> Tensor {
    Tensor(zeros: [rowParts, columnParts, rowSize, rowSize], type)
  }

  /// A square matrix of zeros for the columns of each block.
  func columnSquares(_ type: ElementType) -> Tensor {
    Tensor(zeros: [rowParts, columnParts, columnSize, columnSize], type)
  }
}
