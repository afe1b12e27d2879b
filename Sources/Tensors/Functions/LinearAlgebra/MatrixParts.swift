import DescentGraph

// What the functions of linear algebra share. Matrices are the last two axes; axes before them are batches.

extension Tensor {
  /// The size along the last axis but one, of a tensor that has two.
  var rows: Int { shape[rank - 2] }
  /// The size along the last axis.
  var columns: Int { shape[rank - 1] }

  /// What stands in the way of an operation on matrices: an earlier mistake, or one made now; `nil` where nothing does.
  func obstacle(_ operation: String, isSquare: Bool = false) -> Tensor? {
    if error != nil { return self }
    guard elementType.isFloatingPoint else {
      return .failure(
        operation, "takes floating-point numbers, not \(elementType); convert them with converted(to: .float32)")
    }
    guard rank >= 2 else {
      return .failure(operation, "takes matrices in the last two axes, not the shape \(shape)")
    }
    guard !isSquare || rows == columns else {
      return .failure(operation, "takes square matrices, not \(rows) × \(columns) ones: \(shape)")
    }
    return nil
  }

  /// The matrices with rows and columns exchanged.
  var matrixTransposed: Tensor {
    if error != nil { return self }
    return transposed(Array(0..<rank - 2) + [rank - 1, rank - 2])
  }

  /// The unit matrix.
  static func identity(_ size: Int, _ elementType: ElementType) -> Tensor {
    let type = TensorType([size, size], .int32)
    return .record(
      Convert(to: elementType),
      [.record(Compare(.equal), [.record(Iota(type: type, axis: 0), []), .record(Iota(type: type, axis: 1), [])])])
  }

  /// The elements whose row index stands in a relation to their column index, and 0 elsewhere.
  func kept(_ relation: Compare.Relation) -> Tensor {
    if error != nil { return self }
    let type = TensorType(shape, .int32)
    let (row, column) = (
      Tensor.record(Iota(type: type, axis: rank - 2), []), Tensor.record(Iota(type: type, axis: rank - 1), [])
    )
    return `where`(.record(Compare(relation), [row, column]), self, Tensor(zeros: shape, elementType))
  }

  /// The diagonals of the matrices, along one axis.
  var diagonals: Tensor {
    if error != nil { return self }
    let size = Swift.min(rows, columns)
    let square = sliced(0..<size, axis: -2).sliced(0..<size, axis: -1)
    return square.kept(.equal).sum(axes: [-1])
  }

  /// Records an operation of several results; where it cannot be, each of them carries the error.
  static func recordAll(_ operation: some Operation, _ operands: [Tensor], count: Int) -> [Tensor] {
    let results = recordAll(operation, operands)
    return results.count == count ? results : [Tensor](repeating: results[0], count: count)
  }

  /// Two tensors of matrices with their batch axes repeated to common ones, or the mistake.
  static func withCommonBatch(_ operation: String, _ a: Tensor, _ b: Tensor) -> Result<(Tensor, Tensor), TensorError> {
    guard let batch = commonShape(Shape(a.shape.dropLast(2)), Shape(b.shape.dropLast(2))) else {
      return .failure(TensorError(operation, "batch axes do not fit: \(a.shape) and \(b.shape)"))
    }
    func widened(_ x: Tensor) -> Tensor { x.broadcast(to: Shape(batch.sizes + x.shape.sizes.suffix(2))) }
    return .success((widened(a), widened(b)))
  }
}

extension ElementType {
  /// The distance from 1 to the next larger number of a floating-point type.
  var epsilon: Double {
    switch self {
    case .float64: 0x1p-52
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    default: 0x1p-23
    }
  }
}
