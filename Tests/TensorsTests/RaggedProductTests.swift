import DescentGraph
import DescentTensors
import Testing

/// Products of rows with the matrix of their group.
@Suite("products by groups of rows")
struct RaggedProductTests {
  private let rows = RandomKey(seed: 1).normal([7, 3]).converted(to: .float64)
  private let matrices = RandomKey(seed: 2).normal([3, 3, 2]).converted(to: .float64)
  private let sizes = Tensor(integers: [2, 0, 4])

  private func near(_ a: Tensor, _ b: Tensor) throws -> Bool {
    try a.shape == b.shape && zip(a.scalars(), b.scalars()).allSatisfy { abs($0 - $1) <= 1e-12 }
  }

  /// The products by a mask for each group: what `raggedDot` computes, with a pass over all rows for each matrix.
  private func masked(_ rows: Tensor, _ matrices: Tensor, _ bounds: [Range<Int>]) -> Tensor {
    let places = Tensor(rangeTo: rows.shape[0]).expanded(axis: -1)
    return bounds.enumerated().reduce(Tensor(zeros: [rows.shape[0], matrices.shape[2]], .float64)) { sum, group in
      let (index, range) = group
      let belongs =
        (places .>= Tensor(integers: [range.lowerBound])) .& (places .< Tensor(integers: [range.upperBound]))
      return sum + `where`(belongs, matmul(rows, matrices[index]), Tensor(0.0, .float64))
    }
  }

  @Test func rowsMeetTheMatrixOfTheirGroup() throws {
    let bounds = [0..<2, 2..<2, 2..<6]
    let product = raggedDot(rows, matrices, groupSizes: sizes)
    #expect(try near(product, masked(rows, matrices, bounds)))
    #expect(try product[6].scalars() == [0, 0])
    #expect(
      try near(
        raggedDot(rows, matrices, groupSizes: Tensor(integers: [-1, 3, 100])),
        masked(rows, matrices, [0..<0, 0..<3, 3..<7])))
  }

  @Test func gradientsAgreeWithMasks() throws {
    let bounds = [0..<2, 2..<2, 2..<6]
    let found = try gradient(at: rows, matrices) { tanh(raggedDot($0, $1, groupSizes: sizes)).sum() }
    let wanted = try gradient(at: rows, matrices) { tanh(masked($0, $1, bounds)).sum() }
    #expect(try near(found.0, wanted.0))
    #expect(try near(found.1, wanted.1))
  }

  /// Experts that are chosen by a router: rows sorted by expert, multiplied, and brought back into their order.
  @Test func mixtureOfExperts() throws {
    let experts = Tensor(integers: [2, 0, 0, 2, 1, 0, 2])
    func mixed(_ rows: Tensor, _ matrices: Tensor) -> Tensor {
      let order = experts.argSorted()
      let counts = experts.oneHot(count: 3, .int32).sum(axes: [0])
      let products = raggedDot(rows.taken(order), matrices, groupSizes: counts)
      return products.taken(order.argSorted())
    }
    let each = stacked([2, 0, 0, 2, 1, 0, 2].enumerated().map { matmul(rows[$0], matrices[$1]) })
    #expect(try near(mixed(rows, matrices), each))
    let slopes = try gradient(at: matrices) { square(mixed(rows, $0)).sum() }
    let wanted = try gradient(at: matrices) { matrices in
      [2, 0, 0, 2, 1, 0, 2].enumerated().reduce(Tensor(0.0, .float64)) {
        $0 + square(matmul(rows[$1.offset], matrices[$1.element])).sum()
      }
    }
    #expect(try near(slopes, wanted))
  }

  @Test func batchesShareMatrices() throws {
    let batch = stacked([rows, -2.0 * rows])
    let counts = Tensor(integers: [2, 0, 4, 1, 1, 5], shape: [2, 3])
    let each = stacked([0, 1].map { raggedDot(batch[$0], matrices, groupSizes: counts[$0]) })
    #expect(try near(raggedDot(batch, matrices, groupSizes: counts), each))
    let mapped: (Tensor, Tensor) throws -> Tensor = vectorized(over: 0) {
      raggedDot($0, matrices, groupSizes: $1)
    }
    #expect(try near(mapped(batch, counts), each))
  }

  @Test func mistakesAreTold() {
    func told(_ tensor: Tensor, _ words: String) {
      #expect(tensor.error.map { "\($0)" }?.contains(words) == true, "\(String(describing: tensor.error))")
    }
    told(
      raggedDot(rows, matrices, groupSizes: Tensor(integers: [1, 2])),
      "raggedDot: 2 group sizes do not fit the 3 matrices of [3, 3, 2]")
    told(
      raggedDot(rows, matrices, groupSizes: Tensor([1, 2, 3], .float64)),
      "raggedDot: group sizes are integers, not float64")
    told(
      raggedDot(rows, matrices[0], groupSizes: sizes),
      "raggedDot: takes rows […, rows, columns] and matrices […, groups, height, width], not [7, 3] and [3, 2]")
    told(raggedDot(rows.sum(), matrices, groupSizes: sizes), "raggedDot: takes rows […, rows, columns]")
  }
}
