import DescentGraph
import DescentTensors

/// How parameters are put into blocks of a curvature matrix: a weight with the bias beside it, or one alone.
struct KroneckerBlocks {
  /// A weight `[…, inputs, outputs]`, taken as a matrix `[…·inputs, outputs]`, with the bias `[outputs]` as a further row.
  struct Product {
    let weight: Int
    let bias: Int?
    let rows: Int
    let columns: Int
  }

  let products: [Product]
  /// Parameters that are vectors and belong to no weight: their curvature is taken to be diagonal.
  let others: [Int]

  init(_ parameters: [OptimizedParameter]) {
    let known = Dictionary(zip(parameters.map(\.path), parameters.indices)) { first, _ in first }
    var products: [Product] = []
    var taken: Set<Int> = []
    for (index, parameter) in parameters.enumerated() where parameter.value.rank >= 2 && parameter.value.count > 0 {
      let (rows, columns) = MatrixBlocks.matrix(parameter.value.shape)
      let parts = parameter.path.split(separator: ".", omittingEmptySubsequences: false)
      let beside = (parts.dropLast() + ["bias"]).joined(separator: ".")
      let bias = parts.last == "weight" ? known[beside] : nil
      let fits = bias.map {
        parameters[$0].value.shape == [columns] && parameters[$0].workingType == parameter.workingType
      }
      let own = fits == true ? bias : nil
      taken.formUnion([index] + (own.map { [$0] } ?? []))
      products.append(Product(weight: index, bias: own, rows: rows + (own == nil ? 0 : 1), columns: columns))
    }
    self.products = products
    others = parameters.indices.filter { !taken.contains($0) }
  }
}

extension KroneckerBlocks.Product {
  /// A weight and its bias as one matrix, `[rows, columns]`.
  func joined(_ tensors: [Tensor]) -> Tensor {
    let matrix = tensors[weight].reshaped([rows - (bias == nil ? 0 : 1), columns])
    return bias.map { concatenated([matrix, tensors[$0].expanded(axis: 0)], axis: 0) } ?? matrix
  }

  /// Puts a matrix in the places of weight and bias.
  func split(_ matrix: Tensor, into tensors: inout [Tensor]) {
    let own = rows - (bias == nil ? 0 : 1)
    tensors[weight] = matrix.sliced(0..<own).reshaped(tensors[weight].shape)
    if let bias { tensors[bias] = matrix[own] }
  }
}

/// One side of a block: a square matrix, or its diagonal where it would be too large.
enum FactorSide {
  /// Zeros of a side.
  static func zeros(_ count: Int, _ largest: Int, _ type: ElementType) -> Tensor {
    Tensor(zeros: count <= largest ? [count, count] : [count], type)
  }

  /// `Xᵀ X` of rows `[…, count]`.
  static func squares(_ rows: Tensor, like side: Tensor) -> Tensor {
    let matrix = rows.reshaped([rows.count / max(side.shape[0], 1), side.shape[0]]).converted(to: side.elementType)
    return side.rank == 2 ? matmul(matrix.transposed(), matrix) : square(matrix).sum(axes: [0])
  }

  /// The diagonal that has these numbers.
  static func diagonal(_ numbers: Tensor, like side: Tensor) -> Tensor {
    side.rank == 2 ? numbers.diagonalMatrix() : numbers
  }

  /// The mean of the diagonal.
  static func mean(_ side: Tensor) -> Tensor {
    (side.rank == 2 ? side.diagonal() : side).mean().converted(to: .float64)
  }

  /// The inverse, with something added to the diagonal.
  static func inverse(_ side: Tensor, adding ridge: Tensor) -> Tensor {
    let ridge = ridge.converted(to: side.elementType)
    guard side.rank == 2 else { return 1.0 / (side + ridge) }
    let unit = Tensor(repeating: 1, shape: [side.shape[0]], side.elementType).diagonalMatrix()
    let inverse = DescentTensors.inverse(side + unit * ridge)
    return (inverse + inverse.transposed()) * 0.5
  }

  /// The side times a matrix from the left.
  static func times(_ side: Tensor, _ matrix: Tensor) -> Tensor {
    side.rank == 2 ? matmul(side, matrix) : side.expanded(axis: -1) * matrix
  }
}
