import DescentGraph
import Testing

@testable import DescentCPU

/// Decompositions give back what was decomposed, and run in kernels wherever there are any.
@Suite struct LinearAlgebraTests {
  private static let shapes: [Shape] = [
    [40, 40], [33, 20], [20, 33], [9, 6, 6], [70, 5, 3], [2, 2, 4, 7], [1, 1],
  ]
  private static let squares: [Shape] = [[24, 24], [9, 4, 4], [20, 5, 5], [2, 2, 7, 7], [1, 1]]
  private static let types: [ElementType] = [.float64, .float32, .float16]

  /// Whether LAPACK was found; without it the reference evaluation runs.
  private let mayUseReference = !CPUSupport().hasKernel(
    LU(), [TensorType([2, 2], .float32)], [TensorType([2, 2], .float32)])

  private func tolerance(_ type: ElementType) -> Double {
    type == .float64 ? 1e-11 : type == .float32 ? 1e-4 : 3e-2
  }

  private func product(_ a: Symbol, _ b: Symbol, left: Bool = false, right: Bool = false) -> Symbol {
    let last = a.shape.rank - 1
    let batch = Array(0..<last - 1)
    return a.apply(
      Dot(
        leftBatch: batch, rightBatch: batch, leftContracted: [left ? last - 1 : last],
        rightContracted: [right ? last : last - 1]), b)
  }

  private func check(_ type: TensorType, _ body: (Symbol) -> [Symbol]) throws {
    let builder = GraphBuilder()
    let outputs = body(builder.input(type))
    try expectAgreement(
      try builder.graph(outputs: outputs), tolerance: tolerance(type.elementType), mayUseReference: mayUseReference)
  }

  private func columns(_ vector: Symbol, like matrix: Symbol) -> Symbol {
    vector.broadcast(matrix.shape, axes: Array(0..<matrix.shape.rank - 2) + [matrix.shape.rank - 1])
  }

  @Test(arguments: types) func orthogonalFactors(_ elementType: ElementType) throws {
    for shape in Self.shapes {
      for isFull in [false, true] {
        try check(TensorType(shape, elementType)) { x in
          let results = x.builder.emit(QR(isFull: isFull), [x])
          return [product(results[0], results[1]), product(results[0], results[0], left: true)]
        }
      }
    }
  }

  @Test(arguments: types) func singularValues(_ elementType: ElementType) throws {
    for shape in Self.shapes {
      try check(TensorType(shape, elementType)) { x in
        let results = x.builder.emit(SVD(), [x])
        let scaled = results[0] * columns(results[1], like: results[0])
        return [
          product(scaled, results[2]), product(results[0], results[0], left: true),
          product(results[2], results[2], right: true), results[1],
        ]
      }
    }
  }

  @Test(arguments: types) func eigenvalues(_ elementType: ElementType) throws {
    for shape in Self.squares {
      try check(TensorType(shape, elementType)) { x in
        let results = x.builder.emit(Eigh(), [x])
        let scaled = results[1] * columns(results[0], like: results[1])
        return [product(scaled, results[1], right: true), product(results[1], results[1], left: true), results[0]]
      }
    }
  }

  @Test(arguments: types) func eliminationAndSystems(_ elementType: ElementType) throws {
    for shape in Self.squares {
      try check(TensorType(shape, elementType)) { x in
        let last = shape.rank - 1
        // A·Aᵀ/n + 1 on the diagonal: positive definite and well conditioned.
        let indices = x.type.with(elementType: .int32)
        let identity = x.builder.emit(Iota(type: indices, axis: last), [])[0]
          .equals(x.builder.emit(Iota(type: indices, axis: last - 1), [])[0]).converted(to: elementType)
        let definite = (1 / Double(shape[last])) * product(x, x, right: true) + identity
        let factor = definite.apply(Cholesky())
        let results = x.builder.emit(LU(), [definite])
        let lower = TriangularSolve(isLeft: true, isLower: true, hasUnitDiagonal: true)
        let upper = TriangularSolve(isLeft: false, isLower: false)
        return [
          factor, product(factor, factor, right: true), results[1], results[2],
          results[0].apply(lower, x), results[0].apply(upper, x), definite.apply(Solve(), x),
          factor.apply(TriangularSolve(isLeft: true, isLower: true, isTransposed: true), x),
          factor.apply(TriangularSolve(isLeft: false, isLower: true, isTransposed: true), x),
        ]
      }
    }
  }

  @Test(arguments: types) func rectangularElimination(_ elementType: ElementType) throws {
    for shape in Self.shapes {
      // Elimination in float16 may choose other pivots than in float64.
      guard elementType != .float16 else { continue }
      try check(TensorType(shape, elementType)) { x in x.builder.emit(LU(), [x]) }
    }
  }

  /// Every way there is to transform: passes of every radix, rounds, chirps; along every axis; few and many.
  @Test(arguments: types) func fourierTransforms(_ elementType: ElementType) throws {
    let cases: [(Shape, Int)] = [
      ([64], 0), ([400], 0), ([127], 0), ([40, 60], 1), ([40, 20], 0), ([3, 60, 5], 1), ([40, 47], 1),
      ([20, 37, 2], 1), ([2, 256], 1), ([1, 17], 0), ([17, 1], 0), ([17, 37], 1), ([9, 121], 1),
    ]
    for (shape, axis) in cases {
      for isInverse in [false, true] {
        let builder = GraphBuilder()
        let parts = [builder.input(TensorType(shape, elementType)), builder.input(TensorType(shape, elementType))]
        let results = builder.emit(FFT(axis: axis, isInverse: isInverse), parts)
        try expectAgreement(
          try builder.graph(outputs: results),
          tolerance: elementType == .float64 ? 1e-13 : elementType == .float32 ? 1e-6 : 3e-3)
      }
    }
  }

  /// A matrix that cannot be decomposed gives NaN and leaves its neighbors alone.
  @Test func hopelessMatrices() throws {
    let matrices = ReferenceArray(
      TensorType([4, 2, 2], .float32), reals: [2, 1, 1, 2, 1, 2, 2, 1, .nan, 1, 1, 1, 4, 0, 0, .infinity])
    for operation in [Cholesky(), LU(), QR(), QR(isFull: true), Eigh(), SVD()] as [any Operation] {
      let builder = GraphBuilder()
      let x = builder.input(matrices.type)
      let graph = try builder.graph(outputs: builder.emit(operation, [x]))
      let (values, _) = try run(graph, [matrices])
      let hopeless = operation is Cholesky ? [1, 2, 3] : [2, 3]
      for value in values where value.type.elementType.isFloatingPoint {
        let size = value.type.count / 4
        for index in value.reals.indices {
          #expect(value.reals[index].isNaN == hopeless.contains(index / size), "\(operation.name) [\(index)]")
        }
      }
    }
  }
}
